import { Kysely, sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NO_REVISION } from '../../fence/change-feed.ts'
import { storeContract } from '../store-contract.ts'
import { migrate } from '../kysely/migrations/migrate.ts'
import { MIGRATIONS } from '../kysely/migrations/migrations.ts'
import type { Schema } from '../kysely/schema.ts'
import { DATABASE_FILE } from './database-file.ts'
import { openSqlite } from './open-sqlite.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

const open = (folder: string) => openSqlite({ folder, random: randomBytes, progress: () => {} })
const newFolder = () => mkdtempSync(join(tmpdir(), 'keyfence-sqlite-'))

/** Runs one statement past the store, on a connection of its own. */
function runBeside(folder: string, statement: string, ...parameters: (string | number)[]): void {
  const other = new DatabaseSync(join(folder, DATABASE_FILE))
  other.prepare(statement).run(...parameters)
  other.close()
}

storeContract('sqlite', async () => {
  const folder = newFolder()
  return {
    store: await open(folder),
    reopen: () => open(folder),
    damage: async (id, column, value) =>
      runBeside(folder, `update tokens set ${column} = ? where id = ?`, value, id),
    renewEpoch: async () =>
      runBeside(folder, "update meta set value = ? where key = 'epoch'", 'another'),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  }
})

describe('the files of SQLite', () => {
  let folder: string
  beforeEach(() => {
    folder = newFolder()
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('are readable by their owner alone, the write-ahead log too', async () => {
    const data = join(folder, 'made', 'here')
    const store = await open(data)
    await store.transact(async () => {})
    const files = readdirSync(data)
    expect(files).toContain(`${DATABASE_FILE}-wal`)
    for (const file of files) expect(statSync(join(data, file)).mode & 0o777, file).toBe(0o600)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    await store.close()
  })

  test('that others could read are closed to them', async () => {
    await (await open(folder)).close()
    chmodSync(join(folder, DATABASE_FILE), 0o644)
    const store = await open(folder)
    expect(statSync(join(folder, DATABASE_FILE)).mode & 0o777).toBe(0o600)
    await store.close()
  })

  test('outlive a power loss: WAL, and every commit is synced', async () => {
    const db = new Kysely<Schema>({ dialect: sqliteDialect(join(folder, 'x.db')) })
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db)
    const synchronous = await sql<{ synchronous: number }>`pragma synchronous`.execute(db)
    expect(journal.rows).toEqual([{ journal_mode: 'wal' }])
    expect(synchronous.rows).toEqual([{ synchronous: 2 }])
    await db.destroy()
  })

  test('of something else are refused', async () => {
    writeFileSync(
      join(folder, DATABASE_FILE),
      'no database, but long enough to look at. '.repeat(9),
    )
    await expect(open(folder)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  test('of a newer Keyfence are refused, and left as they are', async () => {
    await (await open(folder)).close()
    runBeside(folder, 'update schema_version set version = ?', String(MIGRATIONS.length + 1))
    await expect(open(folder)).rejects.toMatchObject({ code: 'schema_newer' })
    runBeside(folder, 'update schema_version set version = ?', String(MIGRATIONS.length))
    await (await open(folder)).close()
  })

  test('are migrated once', async () => {
    const steps: string[] = []
    const progress = (step: string) => steps.push(step)
    for (let start = 0; start < 3; start++) {
      const store = await openSqlite({ folder, random: randomBytes, progress })
      await store.close()
    }
    expect(steps).toHaveLength(MIGRATIONS.length)
  })

  test('keep one epoch, however often they are opened', async () => {
    const epochs = new Set<string>()
    for (let start = 0; start < 3; start++) {
      const store = await open(folder)
      epochs.add((await store.feed.read(NO_REVISION, 1)).epoch)
      await store.close()
    }
    expect(epochs.size).toBe(1)
  })
})

const add = (name: string) => ({
  name,
  up: async (db: Kysely<Schema>) => {
    await sql.raw(`create table ${name} (x)`).execute(db)
  },
})
const breakAfterWriting = (name: string) => ({
  name,
  up: async (db: Kysely<Schema>) => {
    await add(name).up(db)
    throw new Error('power loss')
  },
})

describe('a migration that was interrupted', () => {
  test('goes on with the step that was not finished, and repeats none', async () => {
    const folder = newFolder()
    const db = new Kysely<Schema>({ dialect: sqliteDialect(join(folder, 'x.db')) })
    const steps: string[] = []
    const run = (migrations: Parameters<typeof migrate>[2]) =>
      migrate(db, (step) => steps.push(step), migrations)
    const broken = run([add('one'), breakAfterWriting('two'), add('three')])
    await expect(broken).rejects.toThrow('power loss')
    await run([add('one'), add('two'), add('three')])
    expect(steps.map((step) => step.split(': ')[1])).toEqual(['one', 'two', 'two', 'three'])
    const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db)
    expect(rows).toEqual([{ version: 3 }])
    await db.destroy()
    rmSync(folder, { recursive: true, force: true })
  })
})

test('changes of a store from before have the owner of their token', async () => {
  const folder = newFolder()
  const db = new Kysely<Schema>({ dialect: sqliteDialect(join(folder, 'x.db')) })
  const before = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex(({ name }) => name === 'owners of changes'),
  )
  await migrate(db, () => {}, before)
  const columns = sql`id, name, owner, hint, metadata, created_at, status, mode, domains_enabled, ips_enabled, version`
  await sql`insert into tokens (${columns})
    values ('tok_1', 'x', 'alice', '', '{}', 0, 'active', 'enforce', 0, 0, 1)`.execute(db)
  await sql`insert into changes (token_id, created_at) values ('tok_1', 0), ('tok_gone', 0)`.execute(
    db,
  )
  await migrate(db, () => {})
  const owners = await db.selectFrom('changes').select(['token_id', 'owner']).execute()
  expect(owners).toEqual([
    { token_id: 'tok_1', owner: 'alice' },
    { token_id: 'tok_gone', owner: null },
  ])
  await db.destroy()
  rmSync(folder, { recursive: true, force: true })
})
