import { type CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_REVISION, type TokenChange } from '../../fence/change-feed.ts'
import type { Schema } from '../kysely/schema.ts'
import { openPool } from './open-pool.ts'
import { openPostgresAt, placeOf } from './postgres-fixture.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { postgresFeed } from './postgres-feed.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

/** So many that, for a page of them, reading all is held for cheaper than looking for each. */
const TOKENS = 20_000
const PAGE_LENGTH = 2000

const FILLING = [
  `insert into tokens select 'tok_' || n, 'shop', 'acme', '', '{}', 0, null, null, null, 'active',
    'enforce', 1, 0, 1 from generate_series(1, ${TOKENS}) n`,
  `insert into entries select 'tok_' || n, 'domains', position, position || '.example', 0, ''
    from generate_series(1, ${TOKENS}) n, generate_series(0, 2) position`,
  `insert into secrets select md5(n::text), 'tok_' || n, 0, null from generate_series(1, ${TOKENS}) n`,
  `insert into changes (token_id, created_at) select 'tok_' || n, 0 from generate_series(1, ${TOKENS}) n`,
  'vacuum analyze',
]

test('a page of a first copy is one answer, and reads nothing of tokens that are not in it', async () => {
  const url = await server.createDatabase()
  await (await openPostgresAt(url)).close()
  for (const statement of FILLING) await server.run(url, statement)
  const asked: CompiledQuery[] = []
  const db = new Kysely<Schema>({
    dialect: postgresDialect(() => openPool(placeOf(url), { connectionsMax: 1, timeoutMs: 5000 })),
    log: ({ query }) => {
      asked.push(query)
    },
  })
  const { changes, head } = await postgresFeed(db).read(NO_REVISION, PAGE_LENGTH)
  await db.destroy()
  const plans: string[] = []
  for (const query of asked) {
    const lines = await server.run(url, `explain ${query.sql}`, query.parameters)
    plans.push(...lines.map((line) => String(line['QUERY PLAN'])))
  }
  expect(asked).toHaveLength(1)
  expect(head).toBe(TOKENS)
  expect(changes).toHaveLength(PAGE_LENGTH)
  expect(new Set(changes.map(linesOf))).toEqual(new Set(['saved, 3 domains, 1 secrets']))
  expect(plans.filter((line) => /Seq Scan on (?:tokens|entries|secrets)/.test(line))).toEqual([])
  expect(plans.some((line) => line.includes('entries'))).toBe(true)
})

function linesOf(change: TokenChange): string {
  const domains = change.kind === 'saved' ? change.record.restrictions.domains.entries.length : 0
  return `${change.kind}, ${domains} domains, ${change.secrets.length} secrets`
}

test('a connection plans what is prepared once, and compiles nothing', async () => {
  const pool = openPool(placeOf(await server.createDatabase()), { connectionsMax: 1, timeoutMs: 0 })
  const shown = await pool.query(
    "select current_setting('plan_cache_mode') as plans, current_setting('jit') as jit",
  )
  await pool.end()
  expect(shown.rows).toEqual([{ plans: 'force_generic_plan', jit: 'off' }])
})
