/** Fault F21 of docs/reliability.md: many nodes start at once on one database. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import { importTokens, statusAt } from './three-nodes.ts'

const NODES = IS_FULL_LENGTH ? 20 : 5
const TOKENS = 1000

let server: RunningPostgres
let nodes: readonly RunningKeyfence[] = []

beforeAll(async () => {
  // It counts statements, and what they return.
  server = await startPostgres(['shared_preload_libraries=pg_stat_statements'])
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await server.close()
})

test(
  `${NODES} nodes that start at once read the whole feed once each`,
  async () => {
    const url = await server.createDatabase()
    const env = { KEYFENCE_DATABASE_URL: url }
    const first = await startKeyfence({ env })
    await importTokens(first, { keyOf, owner: 'acme', count: TOKENS })
    expect(await first.stop()).toBe(0)
    await first.close()
    await server.run(url, 'create extension pg_stat_statements')
    await server.run(url, 'select pg_stat_statements_reset()')
    const beganAtMs = performance.now()
    // Each resolves once it has read what there is.
    nodes = await Promise.all(Array.from({ length: NODES }, () => startKeyfence({ env })))
    const tookMs = performance.now() - beganAtMs
    const [asked] = await server.run(url, ASKED)
    const [rows, statements] = [Number(asked?.['rows']), Number(asked?.['statements'])]
    const [feed] = await server.run(url, 'select count(*)::int as changes from changes')
    const changes = Number(feed?.['changes'])
    recordFault({
      fault: 'F21',
      done: `${NODES} nodes started at once on one database with ${TOKENS} tokens and no snapshot`,
      promised: 'each reads the whole feed once',
      seen: `${rows} changes read, ${NODES} times ${changes}, and ${statements} statements in all; all ready after ${(tookMs / 1000).toFixed(1)} s`,
    })
    expect(rows).toBe(NODES * changes)
    expect(changes).toBeGreaterThanOrEqual(TOKENS)
    for (const node of nodes) expect(await statusAt(node, keyOf(TOKENS - 1))).toBe(200)
  },
  120_000 + NODES * 20_000,
)

const keyOf = (at: number): string => `cold-key-${at}`

/** What the pages of the feed held, and how much the database was asked at all. */
const ASKED = `
  select sum(rows) filter (where query like '%change_owner%')::int as rows, sum(calls)::int as statements
  from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())`
