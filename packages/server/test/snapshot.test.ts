/** The snapshot of the copy: a start goes on from it, and never trusts it further than the store. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { UNRESTRICTED } from '@keyfence/core'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/fence/clock.ts'
import { type RunningNode, startNode } from '../src/node/start-node.ts'
import { DATABASE_FILE } from '../src/store/sqlite/database-file.ts'
import { openSqlite } from '../src/store/sqlite/open-sqlite.ts'
import type { Store } from '../src/store/store.ts'
import { saveChangedToken } from '../src/token/change-context.ts'
import { type IssuedToken, issueToken } from '../src/token/issue-token.ts'
import { nodeConfig } from './node-config.ts'

/** From 10,000 on a snapshot is worth it. */
const TOKENS = 10_001

let filled: string
let folder: string
let logged: string[]
let issued: IssuedToken

beforeAll(async () => {
  filled = mkdtempSync(join(tmpdir(), 'keyfence-filled-'))
  await withStore(filled, (store) =>
    store.transact(async (transaction) => {
      for (let at = 0; at < TOKENS; at++) {
        issued = await issueToken(transaction, { ...DRAFT, name: `shop ${at}` }, context())
      }
    }),
  )
})
afterAll(() => rmSync(filled, { recursive: true, force: true }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-snapshot-'))
  // Closed, so that the one file is all of it.
  writeFileSync(join(folder, DATABASE_FILE), readFileSync(join(filled, DATABASE_FILE)))
  logged = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const DRAFT = {
  owner: 'acme',
  metadata: {},
  notBefore: undefined,
  expiresAt: undefined,
  mode: 'enforce' as const,
  restrictions: UNRESTRICTED,
}

const context = () => ({
  actor: 'operator',
  now: Date.now(),
  random: randomBytes,
  tokenPrefix: 'kf_',
})

const snapshotPath = () => join(folder, 'fence.snapshot')

async function withStore(place: string, work: (store: Store) => Promise<unknown>): Promise<void> {
  const store = await openSqlite({ folder: place, random: randomBytes, progress: () => {} })
  await work(store)
  await store.close()
}

async function withNode<Seen>(see: (node: RunningNode) => Seen, version = '1.0.0'): Promise<Seen> {
  const node = await startNode({
    config: nodeConfig(folder),
    clock: systemClock,
    random: randomBytes,
    log: pino({ level: 'info' }, { write: (line) => void logged.push(line) }),
    version,
  })
  try {
    return see(node)
  } finally {
    await node.close()
  }
}

const stateOf = (node: RunningNode) => {
  const lookup = node.follower.lookUp(issued.secret)
  return lookup.state === 'known' ? lookup.policy.life.status : lookup.state
}

const wasUsed = () => logged.some((line) => line.includes('going on from the snapshot'))
const wasRefused = () => logged.some((line) => line.includes('the snapshot is not used'))

const revoke = () =>
  withStore(folder, (store) =>
    store.transact((transaction) =>
      saveChangedToken(
        transaction,
        { ...issued.token, status: 'revoked' },
        { context: context(), note: { action: 'token.revoke', details: {} } },
      ),
    ),
  )

function tamper(statement: string): void {
  const database = new DatabaseSync(join(folder, DATABASE_FILE))
  database.exec(statement)
  database.close()
}

describe('a start', () => {
  test('without a snapshot reads the feed, and the end leaves one, its owner’s alone', async () => {
    expect(await withNode(stateOf)).toBe('active')
    expect([wasUsed(), wasRefused()]).toEqual([false, false])
    expect(statSync(snapshotPath()).mode & 0o777).toBe(0o600)
  })

  test('goes on from the snapshot, and knows what has changed since', async () => {
    await withNode(stateOf)
    await revoke()
    expect(await withNode(stateOf)).toBe('revoked')
    expect(wasUsed()).toBe(true)
    logged = []
    expect(await withNode(stateOf)).toBe('revoked')
    expect(wasUsed()).toBe(true)
  })

  test.each([
    { name: 'another epoch', statement: "update meta set value = 'other' where key = 'epoch'" },
    { name: 'a feed that is behind it', statement: 'delete from changes where revision > 5' },
  ])(
    'forgets the snapshot of $name: a restored store may hide a revocation',
    async ({ statement }) => {
      await withNode(stateOf)
      tamper(`delete from secrets where hash = (select hash from secrets
      where token_id = '${issued.token.id}'); ${statement}`)
      expect(await withNode(stateOf)).toBe('unknown')
      expect(wasUsed()).toBe(true)
    },
  )

  test.each<{ because: string; spoil: () => void; version?: string }>([
    { because: 'it is damaged', spoil: () => writeFileSync(snapshotPath(), 'KFS1') },
    { because: 'it is of another version', spoil: () => {}, version: '2.0.0' },
  ])(
    'does not use a snapshot if $because, says so, and leaves a good one',
    async ({ spoil, version }) => {
      await withNode(stateOf)
      spoil()
      expect(await withNode(stateOf, version)).toBe('active')
      expect(wasRefused()).toBe(true)
      logged = []
      await withNode(stateOf, version)
      expect(wasUsed()).toBe(true)
    },
  )

  test('knows nothing from a snapshot alone while the store does not answer', async () => {
    await withNode(stateOf)
    tamper('alter table changes rename to gone')
    expect(await withNode(stateOf)).toBe('unavailable')
  })
})

test('a few tokens are read faster than a snapshot: none is left', async () => {
  rmSync(join(folder, DATABASE_FILE))
  await withNode(() => {})
  expect(existsSync(snapshotPath())).toBe(false)
})
