import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MIGRATIONS } from '../store/kysely/migrations/migrations.ts'
import { type RunningPostgres, startPostgres } from '../store/postgres/running-postgres.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import { run } from './cli-fixture.ts'

let server: RunningPostgres
let folder: string
let env: Readonly<Record<string, string>>
beforeAll(async () => {
  // As on a server that somebody relies on: the doctor would say otherwise.
  server = await startPostgres(['fsync=on'])
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-database-'))
  env = { KEYFENCE_DATABASE_URL: await server.createDatabase() }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const known = MIGRATIONS.length
const pending = MIGRATIONS.map(({ name }) => name)

describe('keyfence migrate', () => {
  test.each(['database', 'folder'])('of a %s says what is missing, and does it', async (where) => {
    const world = where === 'database' ? { env } : {}
    const at = ['--data', folder, '--json']
    const of = async (...words: readonly string[]) => {
      const { code, out } = await run(['migrate', ...words, ...at], world)
      return { code, ...JSON.parse(out) } as Readonly<Record<string, unknown>> // an object
    }
    expect(await of('status')).toEqual({ code: 1, version: 0, known, pending })
    expect(await of('up', '--dry-run')).toEqual({ code: 0, version: 0, known, pending })
    expect(await of('status')).toMatchObject({ version: 0 })
    expect(existsSync(join(folder, DATABASE_FILE))).toBe(false)
    expect(await of('up')).toMatchObject({ code: 0, steps: { length: known } })
    expect(await of('status')).toEqual({ code: 0, version: known, known, pending: [] })
    expect(await of('up')).toEqual({ code: 0, steps: [] })
  })

  test('of a newer Keyfence’s database changes nothing', async () => {
    const url = env['KEYFENCE_DATABASE_URL'] ?? ''
    await run(['migrate', 'up', '--data', folder], { env })
    await server.run(url, `update schema_version set version = ${known + 1}`)
    for (const words of [['status'], ['up', '--dry-run']]) {
      const said = await run(['migrate', ...words, '--data', folder], { env })
      expect(said).toMatchObject({ code: 1, out: expect.stringContaining('newer Keyfence') })
    }
    const refused = await run(['migrate', 'up', '--data', folder], { env })
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('newer Keyfence') })
  })
})

describe('keyfence import --from', () => {
  test('moves an installation, whose tokens are then listed from the database', async () => {
    const argv = [
      'token',
      'create',
      '--data',
      folder,
      '--name',
      'shop',
      '--owner',
      'acme',
      '--json',
    ]
    await (await openSqlite({ folder, random: randomBytes, progress: () => {} })).close()
    const { id } = JSON.parse((await run(argv)).out) as { readonly id: string } // what it prints
    const moved = await run(['import', '--from', `sqlite:${folder}`], { env })
    expect(moved).toMatchObject({
      code: 0,
      out: expect.stringContaining('as many in the database'),
    })
    rmSync(join(folder, DATABASE_FILE))
    const shown = await run(['token', 'show', id, '--data', folder, '--json'], { env })
    expect(JSON.parse(shown.out)).toMatchObject({ id, name: 'shop' })
    const again = await run(['import', '--from', `sqlite:${folder}`], { env })
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('There is no Keyfence') })
  })

  test.each<{ words: readonly string[]; says: string; isSet: boolean }>([
    { words: [], says: 'name the file', isSet: true },
    { words: ['--from', 'sqlite:'], says: 'sqlite:FOLDER', isSet: true },
    { words: ['--from', 'postgres://x'], says: 'sqlite:FOLDER', isSet: true },
    { words: ['--from', 'sqlite:x'], says: 'set KEYFENCE_DATABASE_URL', isSet: false },
    { words: ['--from', 'sqlite:x', '--dry-run'], says: 'no other option', isSet: true },
    { words: ['keys.jsonl', '--from', 'sqlite:x'], says: 'no file', isSet: true },
  ])('$words: $says', async ({ words, says, isSet }) => {
    const said = await run(['import', ...words], isSet ? { env } : {})
    expect(said).toMatchObject({ code: 2, err: expect.stringContaining(says) })
  })
})
