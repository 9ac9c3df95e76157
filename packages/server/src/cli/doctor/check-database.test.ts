import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listen } from '../../proxy/proxy-fixture.ts'
import { placeOf } from '../../store/postgres/postgres-fixture.ts'
import { type RunningPostgres, startPostgres } from '../../store/postgres/running-postgres.ts'
import { parsed, run } from '../cli-fixture.ts'
import { nodeConfig } from '../../../test/node-config.ts'
import { checkDatabase } from './check-database.ts'
import type { Finding } from './finding.ts'

let server: RunningPostgres
let folder: string
let url: string
beforeAll(async () => {
  server = await startPostgres(['fsync=on'])
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-doctor-'))
  url = await server.createDatabase()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Looked {
  readonly code: number
  readonly out: string
  readonly found: readonly Finding[]
  readonly problems: readonly string[]
}

async function look(databaseUrl = url): Promise<Looked> {
  const argv = ['doctor', '--json', '--data', join(folder, 'node')]
  const { code, out } = await run(argv, { env: { KEYFENCE_DATABASE_URL: databaseUrl } })
  const found = parsed(out)['findings'] as readonly Finding[]
  const wrong = found.filter(({ level }) => level === 'problem')
  for (const { remedy } of wrong) expect(remedy).toMatch(/\w/)
  return { code, out, found, problems: wrong.map(({ about }) => about) }
}

const migrated = () =>
  run(['migrate', 'up', '--data', folder], { env: { KEYFENCE_DATABASE_URL: url } })

const remedyOf = ({ found }: Looked, about: string) =>
  found.find((finding) => finding.about === about)?.remedy

describe('doctor on a database', () => {
  test('says what the schema lacks, and finds nothing wrong once it is there', async () => {
    const before = await look()
    expect(before).toMatchObject({ code: 0, out: expect.stringContaining('lacks') })
    await migrated()
    const { code, out } = await look()
    expect(code).toBe(0)
    for (const sentence of [
      'The schema is this version’s.',
      '0 tokens, none damaged.',
      'and so does the database',
      'Nobody can sign in to the console',
      'No node runs here.',
    ]) {
      expect(out).toContain(sentence)
    }
    expect(existsSync(join(folder, 'node'))).toBe(false)
  })

  test.each<{ about: string; harm: string; because: string }>([
    {
      about: 'schema',
      harm: 'update schema_version set version = 1000',
      because: 'a newer Keyfence wrote it',
    },
    {
      about: 'records',
      harm: `insert into tokens values ('tok_x', 'x', 'a', '', '{', 1, null, null, null, 'active', 'enforce', 0, 0, 1);
        insert into changes (token_id, created_at, owner) values ('tok_x', 1, 'a')`,
      because: 'a record cannot be read',
    },
    {
      about: 'database',
      harm: "insert into meta values ('move', '{}')",
      because: 'half of a move is in it',
    },
  ])('finds what is wrong with $about: $because', async ({ about, harm }) => {
    await migrated()
    await server.run(url, harm)
    const { code, problems } = await look()
    expect({ code, problems }).toEqual({ code: 1, problems: [about] })
  })

  test('finds a user who may not make tables', async () => {
    await migrated()
    const { name } = (await server.run(url, 'select current_database() as name'))[0] ?? {}
    await server.run(
      url,
      `create role reader login; grant connect on database ${String(name)} to reader;
      grant select on all tables in schema public to reader`,
    )
    const { problems, out } = await look(url.replace('keyfence@', 'reader@'))
    await server.run(url, 'drop owned by reader; drop role reader')
    expect(problems).toEqual(['database'])
    expect(out).toContain('may not make tables')
  })

  test('finds a clock that is not the database’s', async () => {
    await migrated()
    const config = { ...nodeConfig(folder, {}), databaseUrl: placeOf(url) }
    const found = await checkDatabase(config, placeOf(url), Date.now() + 3_600_000)
    expect(found.filter(({ level }) => level === 'problem').map(({ about }) => about)).toEqual([
      'clock',
    ])
  })

  test('finds a server that does not sync what it acknowledges', async () => {
    const careless = await startPostgres()
    const { problems } = await look(await careless.createDatabase())
    await careless.close()
    expect(problems).toEqual(['durability'])
  })
})

describe('doctor says what to do where the database cannot be reached:', () => {
  test.each<{ url: () => string; remedy: RegExp; because: string }>([
    {
      url: () => 'postgres://a:hidden@127.0.0.1:1/b',
      remedy: /Start PostgreSQL/,
      because: 'refused',
    },
    {
      url: () => 'postgres://a:hidden@no-such-host.invalid/b',
      remedy: /name/,
      because: 'no such host',
    },
    {
      url: () => `postgres://keyfence:hidden@127.0.0.1:${server.port}/nowhere`,
      remedy: /createdb/,
      because: 'no such database',
    },
    {
      url: () => `postgres://nobody:hidden@127.0.0.1:${server.port}/postgres`,
      remedy: /pg_hba/,
      because: 'no such user',
    },
    {
      url: () => `postgres://a:hidden@127.0.0.1:${server.port}/b?sslmode=verify-full`,
      remedy: /sslmode=disable/,
      because: 'no TLS there',
    },
    {
      url: () => 'postgres://a:hidden@%2Fno%2Fsuch%2Ffolder/b',
      remedy: /socket/,
      because: 'no such socket',
    },
  ])('$because', async ({ url: urlOf, remedy }) => {
    const looked = await look(urlOf())
    expect(looked).toMatchObject({ code: 1, problems: ['database'] })
    expect(remedyOf(looked, 'database')).toMatch(remedy)
    expect(looked.out).not.toContain('hidden')
  })

  // What PostgreSQL says is a code: a server that says it is one that can be run.
  test.each([
    { sqlState: '28P01', remedy: /password is wrong/ },
    { sqlState: '53300', remedy: /max_connections/ },
    { sqlState: '57P03', remedy: /try again/ },
    { sqlState: '42501', remedy: /own it/ },
    { sqlState: 'XX000', remedy: /log of PostgreSQL/ },
  ])('it says $sqlState', async ({ sqlState, remedy }) => {
    const refusing = createServer((socket) => refuse(socket, sqlState))
    const port = await listen(refusing)
    const looked = await look(`postgres://a:hidden@127.0.0.1:${port}/b`)
    await new Promise((resolve) => void refusing.close(resolve))
    expect(looked.problems).toEqual(['database'])
    expect(remedyOf(looked, 'database')).toMatch(remedy)
  })
})

function refuse(socket: Socket, sqlState: string): void {
  const fields = Buffer.from(`SFATAL\0C${sqlState}\0Mno\0\0`)
  const length = Buffer.alloc(4)
  length.writeInt32BE(fields.length + 4)
  socket.on('error', () => {})
  socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, fields])))
}
