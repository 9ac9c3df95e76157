import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Revision } from './change-feed.ts'
import type { FeedPosition } from './follow.ts'
import { keepSnapshot, type SnapshotKeeper, type SnapshotOptions } from './keep-snapshot.ts'
import { packedFence } from './packed/packed-fence.ts'
import { readSnapshotFile } from './packed/snapshot-file.ts'

const PROGRAM = '1.2.3'
const SECRETS_MIN = 10_000

let folder: string
let path: string
let position: FeedPosition | undefined
/** The revision at each moment at which the fence was asked for an image. */
let written: (number | undefined)[]
let warned: object[]
const keepers: SnapshotKeeper[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-keep-'))
  path = join(folder, 'fence.snapshot')
  position = at(7)
  written = []
  warned = []
  // Promises and threads go on by themselves.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})

afterEach(async () => {
  position = undefined
  for (const keeper of keepers.splice(0)) await keeper.close()
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

function at(revision: number): FeedPosition {
  return { epoch: 'first', revision: revision as Revision }
}

function keep(given: { size?: number } & Partial<SnapshotOptions> = {}): SnapshotKeeper {
  const { size = SECRETS_MIN, ...options } = given
  const fence = packedFence()
  const image = () => {
    written.push(position?.revision)
    return fence.image()
  }
  const keeper = keepSnapshot({
    path,
    program: PROGRAM,
    fence: { size, image },
    follower: {
      get position() {
        return position
      },
    },
    saved: undefined,
    log: { warn: (facts) => warned.push(facts) },
    ...options,
  })
  keepers.push(keeper)
  return keeper
}

/** Lets the time pass, and another change come once what it started has looked at the fence. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms)
  await new Promise(setImmediate)
  position = at((position?.revision ?? 0) + 1)
}

describe('nothing is written', () => {
  test.each<{ given: Parameters<typeof keep>[0]; standing?: 'nowhere'; because: string }>([
    { given: { size: SECRETS_MIN - 1 }, because: 'the feed of so few is read as fast' },
    { given: { size: 2, secretsMin: 3 }, because: 'fewer than it is said to be worth it for' },
    { given: { saved: 7 }, because: 'the file has that revision already' },
    { given: {}, standing: 'nowhere', because: 'the feed was never read' },
  ])('$because', async ({ given, standing }) => {
    if (standing === 'nowhere') position = undefined
    await keep(given).save()
    expect(existsSync(path)).toBe(false)
    expect(written).toEqual([])
  })
})

describe('a snapshot is written', () => {
  test.each<{ given: Parameters<typeof keep>[0]; because: string }>([
    { given: {}, because: 'there is none' },
    { given: { saved: 6 }, because: 'the file has an earlier revision' },
    { given: { size: 3, secretsMin: 3 }, because: 'just as many as it is worth it for' },
  ])('$because', async ({ given }) => {
    await keep(given).save()
    expect(readSnapshotFile(path, PROGRAM)).toMatchObject({ ok: true, snapshot: { position } })
  })

  test('once for each revision, one after the other', async () => {
    const keeper = keep()
    await Promise.all([keeper.save(), keeper.save()])
    expect(written).toEqual([7])
    position = at(8)
    await keeper.save()
    expect(written).toEqual([7, 8])
  })

  test('again, if it could not be: that is told and ends nothing', async () => {
    const missing = join(folder, 'missing', 'fence.snapshot')
    const keeper = keep({ path: missing })
    await keeper.save()
    expect(warned).toMatchObject([{ err: { code: 'ENOENT' }, path: missing }])
    await keeper.save()
    expect(written).toEqual([7, 7])
  })
})

describe('by itself', () => {
  test('five seconds after a start without one, and every five minutes', async () => {
    const keeper = keep()
    await pass(4999)
    expect(written).toEqual([])
    await pass(1)
    await keeper.save()
    expect(written).toEqual([8, 9])
    await pass(294_999)
    expect(written).toEqual([8, 9])
    await pass(1)
    expect(written).toEqual([8, 9, 10])
  })

  test('five minutes after a start from one, and again', async () => {
    const keeper = keep({ saved: 6 })
    await pass(299_999)
    expect(written).toEqual([])
    await pass(1)
    await keeper.save()
    position = at(20)
    await pass(300_000)
    expect(written).toEqual([8, 9, 20])
  })

  test('at the end, and not any more after it', async () => {
    const keeper = keep()
    await keeper.close()
    expect(written).toEqual([7])
    expect(vi.getTimerCount()).toBe(0)
  })
})
