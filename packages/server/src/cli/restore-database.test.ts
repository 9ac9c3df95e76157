import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPostgresAt } from '../store/postgres/postgres-fixture.ts'
import { NO_REVISION } from '../fence/change-feed.ts'
import { MIGRATIONS } from '../store/kysely/migrations/migrations.ts'
import { type RunningPostgres, startPostgres } from '../store/postgres/running-postgres.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import { type Answer, parsed, type Ran, run, type World } from './cli-fixture.ts'

let server: RunningPostgres
let folder: string
let file: string
let url: string
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-restore-database-'))
  file = join(folder, 'backup.db')
  url = await server.createDatabase()
  await command('migrate', 'up')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (databaseUrl: string) => ({ env: { KEYFENCE_DATABASE_URL: databaseUrl } })

function runOn(world: World, ...argv: readonly string[]): Promise<Ran> {
  return run([...argv, `--data=${folder}`], world)
}

const command = (...argv: readonly string[]) => runOn(at(url), ...argv)

async function json(...argv: readonly string[]): Promise<Answer> {
  const { code, out, err } = await command(...argv, '--json')
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`)
  return parsed(out)
}

const create = (name: string) => json('token', 'create', '--name', name, '--owner', 'acme')

async function names(databaseUrl = url): Promise<unknown[]> {
  const { out } = await runOn(at(databaseUrl), 'token', 'list', '--json')
  return parsed(out).items.map(({ name, status }) => [name, status])
}

describe('a backup of a database', () => {
  test('is one file, its owner’s alone, that an empty database takes', async () => {
    const { id } = await create('kept')
    await json('token', 'restrict', id, '--domain', 'example.com', '--ip', '8.8.8.8')
    await json('token', 'delete', (await create('deleted')).id, '--yes')
    const before = await json('token', 'show', id)
    expect(await command('backup', file)).toMatchObject({
      code: 0,
      out: `1 token is safe in ${file}\n`,
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(['.partial', '-wal', '-shm'].filter((end) => existsSync(file + end))).toEqual([])
    const other = await server.createDatabase()
    const restored = await runOn(at(other), 'restore', file)
    expect(restored).toMatchObject({ code: 0, out: '1 token restored.\n', err: '' })
    const { out } = await runOn(at(other), 'token', 'show', id, '--json')
    expect(parsed(out)).toEqual(before)
  })

  test('can be restored into a folder, and one of a folder into a database', async () => {
    await create('moved')
    await json('backup', file)
    expect((await runOn({}, 'restore', file)).code).toBe(0)
    const { out } = await runOn({}, 'token', 'list', '--json')
    expect(parsed(out).items).toMatchObject([{ name: 'moved' }])
    const second = join(folder, 'second.db')
    expect((await runOn({}, 'backup', second)).code).toBe(0)
    const other = await server.createDatabase()
    expect((await runOn(at(other), 'restore', second)).code).toBe(0)
    expect(await names(other)).toEqual([['moved', 'active']])
  })

  test.each<{ harm: () => Promise<unknown> | void; says: string; because: string }>([
    {
      harm: () => writeFileSync(file, 'mine'),
      says: 'exists already',
      because: 'the file is there',
    },
    {
      harm: () => server.run(url, 'update schema_version set version = 1000'),
      says: 'newer Keyfence',
      because: 'a newer Keyfence wrote the database',
    },
    {
      harm: () => server.run(url, 'update schema_version set version = 3'),
      says: 'keyfence migrate up',
      because: 'an older Keyfence wrote the database',
    },
    {
      harm: () => server.run(url, 'drop table schema_version'),
      says: 'no store yet',
      because: 'there is none',
    },
    {
      harm: () => server.run(url, "insert into meta values ('move', '{}')"),
      says: 'has not ended',
      because: 'half of a move is in it',
    },
  ])('is refused where $because', async ({ harm, says }) => {
    await harm()
    const { code, err } = await command('backup', file)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(says) })
    expect(err).not.toContain('    at ')
    expect(existsSync(`${file}.partial`)).toBe(false)
  })

  test('of a database that does not answer says where it looked', async () => {
    const { code, err } = await runOn(at('postgres://a:hidden@127.0.0.1:1/b'), 'backup', file)
    expect(code).toBe(2)
    expect(err).toContain('postgres://a:***@127.0.0.1:1/b')
  })
})

describe('a restore into a database that is in use', () => {
  test('is refused without --replace, and changes nothing', async () => {
    await create('before')
    await json('backup', file)
    await create('after')
    const { code, err } = await command('restore', file, '--yes')
    expect(code).toBe(1)
    expect(err).toContain('is in use')
    expect(await names()).toHaveLength(2)
  })

  test.each([
    { what: 'revoked', line: ['token', 'revoke'] },
    { what: 'disabled', line: ['token', 'disable'] },
    { what: 'deleted', line: ['token', 'delete', '--yes'] },
    { what: 'rotated', line: ['token', 'rotate'] },
    { what: 'expired', line: ['token', 'change', '--expires-in', '0'] },
  ])('lists what was $what since, and asks', async ({ what, line }) => {
    const { id } = await create('revived')
    await create('untouched')
    await json('backup', file)
    const [group = '', verb = '', ...options] = line
    expect((await command(group, verb, id, ...options)).code).toBe(0)
    const before = await names()
    const declined = await runOn({ ...at(url), typed: 'n\n' }, 'restore', file, '--replace')
    expect(declined.code).toBe(1)
    expect(declined.err).toMatch(new RegExp(`${id} +revived +acme +${what}\n`))
    expect(declined.err).not.toContain('untouched')
    expect(await names()).toEqual(before)
    const done = await json('restore', file, '--replace', '--yes')
    expect(done).toMatchObject({ revived: [{ id, because: what }] })
    expect(await names()).toEqual([
      ['revived', 'active'],
      ['untouched', 'active'],
    ])
  })

  test('without a terminal wants --yes', async () => {
    await create('there')
    await json('backup', file)
    const { code, err } = await command('restore', file, '--replace')
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--yes') })
  })

  test('is another epoch, in which later changes come behind what was restored', async () => {
    await create('one')
    await json('backup', file)
    const store = await openPostgresAt(url)
    const before = await store.feed.read(NO_REVISION, 9)
    await json('restore', file, '--replace', '--yes')
    await create('two')
    const after = await store.feed.read(NO_REVISION, 9)
    await store.close()
    expect(after.epoch).not.toBe(before.epoch)
    const [first, second] = after.changes.map(({ revision }) => revision)
    expect(second).toBeGreaterThan(first ?? Infinity)
  })

  test('brings back no session and no link: they may have ended since', async () => {
    await create('signed')
    const grant = "'hash', 'por_x', 'acme', '[]', null, 'operator', 1"
    await server.run(url, "insert into sessions values ('hash', 'adm_x', 1, 1)")
    await server.run(url, "insert into sign_in_links values ('hash', 'first', null, 1)")
    await server.run(url, `insert into portal_links values (${grant})`)
    await server.run(url, `insert into portal_sessions values (${grant}, 1)`)
    await json('backup', file)
    await json('restore', file, '--replace', '--yes')
    for (const table of ['sessions', 'sign_in_links', 'portal_sessions', 'portal_links']) {
      const [row] = await server.run(url, `select count(*)::int as n from ${table}`)
      expect({ table, ...row }).toEqual({ table, n: 0 })
    }
  })
})

describe('a restore of a file that', () => {
  const harm = (sql: string) => {
    const database = new DatabaseSync(file)
    database.exec(sql)
    database.close()
  }

  test.each<{ prepare: () => void; says: string; because: string }>([
    { prepare: () => rmSync(file), says: 'no store at', because: 'is not there' },
    {
      prepare: () => writeFileSync(file, 'no database. '.repeat(99)),
      says: 'no sound store',
      because: 'is none',
    },
    {
      prepare: () => harm("update tokens set name = 'other'"),
      says: 'tokens is not as it was written',
      because: 'has changed since it was written',
    },
    {
      prepare: () => harm('delete from secrets'),
      says: 'secrets is not as it was written',
      because: 'lacks rows',
    },
    {
      prepare: () => harm('update schema_version set version = 1000'),
      says: 'newer Keyfence',
      because: 'a newer Keyfence wrote',
    },
  ])('$because leaves everything as it is', async ({ prepare, says }) => {
    await create('kept')
    await json('backup', file)
    prepare()
    const { code, err } = await command('restore', file, '--replace', '--yes')
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(says) })
    expect(err).not.toContain('    at ')
    expect(await names()).toEqual([['kept', 'active']])
  })

  test('an older Keyfence wrote is brought up to date on the way, and stays as it was', async () => {
    const older = mkdtempSync(join(tmpdir(), 'keyfence-older-'))
    await (await openSqlite({ folder: older, random: randomBytes, progress: () => {} })).close()
    const path = join(older, 'keyfence.db')
    const database = new DatabaseSync(path)
    database.exec('drop table nodes; alter table changes drop column owner')
    database.prepare('update schema_version set version = ?').run(OWNERS_OF_CHANGES)
    database.close()
    const before = statSync(path).mtimeMs
    expect(await command('restore', path)).toMatchObject({ code: 0, err: '' })
    expect(statSync(path).mtimeMs).toBe(before)
    rmSync(older, { recursive: true })
  })

  const OWNERS_OF_CHANGES = MIGRATIONS.findIndex(({ name }) => name === 'owners of changes')
})
