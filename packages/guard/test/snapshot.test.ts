import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGuard, type Guard, type GuardAlarm, type GuardOptions } from '../src/index.ts'
import { sealedFile } from '../src/snapshot/index.ts'
import {
  KEY,
  page,
  reasonOf,
  type RunningFeed,
  saved,
  sends,
  startFeed,
  type TestWorld,
  testWorld,
} from './running-feed.ts'

const AGE_MS_MAX = 900_000

let folder: string
let path: string
let feed: RunningFeed
let world: TestWorld
let alarms: GuardAlarm[]
const guards: Guard[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-guard-'))
  path = join(folder, 'tokens.snapshot')
  feed = await startFeed()
  world = testWorld()
  alarms = []
  feed.reply = sends(page({ changes: [saved(1, 'one'), saved(2, 'two', { status: 'disabled' })] }))
})
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close()
  await feed.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: Partial<GuardOptions> = {}): Promise<Guard> {
  const guard = await createGuard(
    {
      url: feed.url,
      key: KEY,
      reportActivity: false,
      snapshot: sealedFile({ path, ageMsMax: AGE_MS_MAX }),
      onAlarm: (alarm) => alarms.push(alarm),
      ...options,
    },
    world,
  )
  guards.push(guard)
  return guard
}

/** A guard ran, left its copy, and Keyfence is away from here on. */
async function leaveCopy(): Promise<void> {
  await (await start()).close()
  guards.pop()
  feed.reply = (request) => request.socket.destroy()
}

function pass(ms: number): void {
  world.time.wall += ms
  world.time.monotonic += ms
}

describe('an application that starts while Keyfence is away', () => {
  test('decides by the copy that it left, and goes on from there', async () => {
    await leaveCopy()
    pass(AGE_MS_MAX)
    const guard = await start()
    await guard.ready
    expect([reasonOf(guard, 'one'), reasonOf(guard, 'two')]).toEqual([
      'unrestricted',
      'token_disabled',
    ])
    expect(guard.freshness()).toMatchObject({ isFresh: true, staleForMs: AGE_MS_MAX, revision: 2 })
    expect(feed.asked.at(-1)?.get('after')).toBe('2')
  })

  test('does so until that copy is too old', async () => {
    await leaveCopy()
    pass(AGE_MS_MAX)
    const guard = await start()
    pass(1)
    expect(reasonOf(guard, 'one')).toBe('store_unavailable')
  })

  test('is bound by maxStaleness again once it has heard of Keyfence', async () => {
    await leaveCopy()
    feed.reply = sends(page({ after: 2, changes: [] }))
    const guard = await start()
    pass(60_001)
    expect(reasonOf(guard, 'one')).toBe('store_unavailable')
  })

  test('has the newest change of each token, and no removed one', async () => {
    const guard = await start()
    const removed = { kind: 'removed', revision: 3, tokenId: 'tok_two' }
    const changes = [removed, saved(4, 'one', { status: 'revoked' })]
    feed.reply = sends(page({ after: 2, changes }))
    const next = world.nextPause()
    world.pauses.at(-1)?.end()
    await next
    await guard.close()
    guards.pop()
    feed.reply = (request) => request.socket.destroy()
    const later = await start()
    expect([reasonOf(later, 'one'), reasonOf(later, 'two')]).toEqual([
      'token_revoked',
      'token_unknown',
    ])
  })
})

describe('a snapshot is not started with', () => {
  test.each<{ spoil: (text: string) => string; says: string; because: string }>([
    {
      spoil: (text) => text.replace('disabled', 'active__'),
      says: 'its seal is broken',
      because: 'altered',
    },
    { spoil: (text) => text.slice(0, -50), says: 'its seal is broken', because: 'cut short' },
    { spoil: (text) => `${text} `, says: 'its seal is broken', because: 'made longer' },
    {
      spoil: (text) => text.replace(/\n\d+\n/, '\n1900000000000\n'),
      says: 'its seal is broken',
      because: 'made younger',
    },
    {
      spoil: (text) => text.slice(0, 40),
      says: 'it is no snapshot of this version',
      because: 'cut within its head',
    },
    { spoil: () => '', says: 'it is no snapshot of this version', because: 'empty' },
    {
      spoil: (text) => text.replace('/1 ', '/2 '),
      says: 'it is no snapshot of this version',
      because: 'of another version',
    },
  ])('$because', async ({ spoil, says }) => {
    await leaveCopy()
    const before = readFileSync(path, 'utf8')
    expect(spoil(before)).not.toBe(before)
    writeFileSync(path, spoil(before))
    expect(reasonOf(await start(), 'one')).toBe('store_unavailable')
    expect(alarms[0]).toEqual({ kind: 'snapshot_unusable', because: says })
  })

  test.each<{ options: () => Partial<GuardOptions>; after: number; says: string; because: string }>(
    [
      { options: () => ({}), after: AGE_MS_MAX + 1, says: 'it is too old', because: 'too old' },
      {
        options: () => ({}),
        after: -1,
        says: 'it is of a time to come',
        because: 'of a time to come',
      },
      {
        options: () => ({ key: KEY.replace('a', 'b') }),
        after: 0,
        says: 'its seal is broken',
        because: 'of another key',
      },
      {
        options: () => ({ url: `${feed.url}/other` }),
        after: 0,
        says: 'its seal is broken',
        because: 'of another Keyfence',
      },
    ],
  )('$because', async ({ options, after, says }) => {
    await leaveCopy()
    pass(after)
    expect(reasonOf(await start(options()), 'one')).toBe('store_unavailable')
    expect(alarms[0]).toEqual({ kind: 'snapshot_unusable', because: says })
  })

  test('where there is none, which is no alarm', async () => {
    await start()
    expect(alarms).toEqual([])
  })
})

describe('the file', () => {
  test('is its owner’s alone, holds no secret, and is replaced whole', async () => {
    await leaveCopy()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toMatch(/kfm_|Bearer/)
    expect(readdirSync(folder)).toEqual(['tokens.snapshot'])
  })

  test('that cannot be written costs nothing but an alarm', async () => {
    const snapshot = sealedFile({ path: join(folder, 'missing', 'tokens.snapshot') })
    const guard = await start({ snapshot })
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
    await guard.close()
    expect(alarms.at(-1)).toEqual({ kind: 'snapshot_unusable', because: 'it could not be written' })
  })

  test.each([0, 999, 86_400_001, Number.NaN])('is not kept for %d milliseconds', (ageMsMax) => {
    expect(() => sealedFile({ path, ageMsMax })).toThrow(/^ageMsMax/)
  })
})
