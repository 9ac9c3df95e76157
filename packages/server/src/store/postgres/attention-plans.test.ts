import { type CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Attention } from '../../token/attention.ts'
import type { Schema } from '../kysely/schema.ts'
import { tokenCount } from '../kysely/token-list.ts'
import { openPool } from './open-pool.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { openPostgresAt, placeOf } from './postgres-fixture.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.createDatabase()
  await (await openPostgresAt(url)).close()
  await server.run(
    url,
    `insert into tokens select 'tok_' || n, 'shop', 'acme', '', '{}', n, null, null, null, 'active',
      'enforce', 1, 0, 1 from generate_series(1, 20000) n`,
  )
  await server.run(url, 'vacuum analyze')
})
afterAll(() => server.close())

test.each<{ kind: Attention; scan: RegExp; condition: RegExp }>([
  {
    kind: 'unrestricted',
    scan: /Scan using tokens_unrestricted/,
    condition: /status = 'active'/,
  },
  {
    kind: 'expiring',
    scan: /Scan using tokens_expiring/,
    condition: /Index Cond: .*status = 'active'.*expires_at </,
  },
  {
    kind: 'unused',
    scan: /Scan using tokens_unused/,
    condition: /Index Cond: .*status = 'active'.*COALESCE/,
  },
  { kind: 'refused', scan: /Scan using tokens_pkey/, condition: /Index Cond: .*id = / },
])('$kind tokens are found by what an index begins with', async ({ kind, scan, condition }) => {
  const asked: CompiledQuery[] = []
  const db = new Kysely<Schema>({
    dialect: postgresDialect(() => openPool(placeOf(url), { connectionsMax: 1, timeoutMs: 5000 })),
    log: ({ query }) => {
      asked.push(query)
    },
  })
  await tokenCount(db, { attention: { kind, now: 0 } }, 10)
  await db.destroy()
  const [query] = asked
  const lines = await server.run(url, `explain ${query?.sql}`, query?.parameters)
  const plan = lines.map((line) => String(line['QUERY PLAN'])).join('\n')
  expect(plan).toMatch(scan)
  expect(plan).toMatch(condition)
})
