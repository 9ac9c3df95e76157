/** Fault F21 of docs/reliability.md: many nodes start at once on one database. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import { importTokens, statusAt, until } from './three-nodes.ts'

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
    await server.run(url, 'select pg_stat_statements_reset(), pg_stat_reset()')
    const beganAtMs = performance.now()
    // Each resolves once it has read what there is.
    nodes = await Promise.all(Array.from({ length: NODES }, () => startKeyfence({ env })))
    const tookMs = performance.now() - beganAtMs
    for (const node of nodes) expect(await statusAt(node, keyOf(TOKENS - 1))).toBe(200)
    await Promise.all(nodes.map((node) => node.stop()))
    // A connection counts what it did when it ends.
    await until(async () => (await server.run(url, CONNECTED)).length === 0)
    const [asked] = await server.run(url, ASKED)
    const [reads, statements] = [Number(asked?.['reads']), Number(asked?.['statements'])]
    const [feed] = await server.run(url, 'select count(*)::int as changes from changes')
    const changes = Number(feed?.['changes'])
    recordFault({
      fault: 'F21',
      done: `${NODES} nodes started at once on one database with ${TOKENS} tokens and no snapshot`,
      promised: 'each reads the whole feed once',
      seen: `${reads} changes read, ${NODES} times ${changes}, and ${statements} statements in all; all ready after ${(tookMs / 1000).toFixed(1)} s`,
    })
    expect(reads).toBe(NODES * changes)
    expect(changes).toBeGreaterThanOrEqual(TOKENS)
  },
  120_000 + NODES * 20_000,
)

const keyOf = (at: number): string => `cold-key-${at}`

/** How often a token's lists were looked for, as for each change that is read, and what was asked at all. */
const ASKED = `
  select sum(calls)::int as statements,
    (select idx_scan::int from pg_stat_user_indexes where indexrelname = 'entries_key') as reads
  from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())`

const CONNECTED = `
  select from pg_stat_activity
  where datname = current_database() and application_name = 'keyfence'`
