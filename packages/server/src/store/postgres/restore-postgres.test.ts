import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_REVISION } from '../../fence/change-feed.ts'
import type { Store } from '../store.ts'
import type { Token } from '../../token/token.ts'
import { inserted, NOW } from '../contract/contract-store.ts'
import { backupPostgres } from './backup-postgres.ts'
import { withSnapshot } from './open-postgres.ts'
import { openPostgresAt, placeOf } from './postgres-fixture.ts'
import { restorePostgres } from './restore-postgres.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
const folder = mkdtempSync(join(tmpdir(), 'keyfence-restore-'))
let url: string
let store: Store
let files = 0
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  url = await server.createDatabase()
  store = await openPostgresAt(url)
  return () => store.close()
})

const limits = { connectionsMax: 1, timeoutMs: 5000 }

async function backedUp(): Promise<{ file: string; steps: (readonly [number, number])[] }> {
  const file = join(folder, `backup-${++files}.db`)
  const steps: (readonly [number, number])[] = []
  await backupPostgres({
    place: placeOf(url),
    limits,
    target: file,
    progress: (done, total) => steps.push([done, total]),
  })
  return { file, steps }
}

async function revoke(token: Token): Promise<void> {
  await store.transact(async ({ tokens }) => {
    await tokens.update({ ...token, status: 'revoked', version: token.version + 1 })
    await tokens.recordChange(token, NOW)
  })
}

const restore = (backupPath: string, progress: (done: number) => void = () => {}) =>
  restorePostgres({
    backupPath,
    place: placeOf(url),
    random: randomBytes,
    now: NOW,
    consented: [],
    progress,
  })

describe('a backup', () => {
  test('is as of one moment: what is written meanwhile is not half in it', async () => {
    const token = await inserted(store)
    const statuses = await withSnapshot({ place: placeOf(url), limits }, async (db) => {
      const read = () => db.selectFrom('tokens').select('status').execute()
      const before = await read()
      await revoke(token)
      await inserted(store)
      return [before, await read()]
    })
    expect(statuses[1]).toEqual(statuses[0])
    expect((await store.tokens.find(token.id))?.status).toBe('revoked')
  })

  test('of more rows than a page says how far it is', async () => {
    await server.run(
      url,
      "insert into changes (token_id, created_at) select 'tok_' || n, 1 from generate_series(1, 1500) n",
    )
    const { file, steps } = await backedUp()
    expect(steps).toEqual([
      [1024, 1500],
      [1500, 1500],
    ])
    await restore(file)
    const { changes } = await store.feed.read(NO_REVISION, 2000)
    expect(changes).toHaveLength(1500)
  })
})

describe('a restore', () => {
  test('is refused where a token was revoked after somebody was asked', async () => {
    const token = await inserted(store)
    const { file } = await backedUp()
    await revoke(token)
    await expect(restore(file)).rejects.toThrow(`${token.id} was revoked`)
    expect((await store.tokens.find(token.id))?.status).toBe('revoked')
  })

  test('that is interrupted leaves what was there', async () => {
    await inserted(store)
    const { file } = await backedUp()
    const later = await inserted(store)
    const stopped = restore(file, () => {
      throw new RangeError('killed')
    })
    await expect(stopped).rejects.toThrow('killed')
    expect(await store.tokens.find(later.id)).toEqual(later)
  })
})
