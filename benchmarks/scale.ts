/**
 * Three nodes of two workers on one PostgreSQL: `node benchmarks/scale.ts [--tokens N] [--quick]`,
 * 1,000,000 tokens unless told otherwise. How long a first copy takes and what a node takes up; then, for
 * half a minute each, decisions of two of them at a fixed rate while nothing changes, the same beside 100
 * changes a second at the first one, and how soon after the answer to a change each node decides by it.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../packages/server/src/store/postgres/running-postgres.ts'
import { benchmarkOptions } from './command-line.ts'
import { DatabaseMeter } from './database-meter.ts'
import { fillDatabase } from './filled-database.ts'
import { type FleetNode, startFleetNode } from './fleet-node.ts'
import { type FleetPhase, FollowedChanges, measurePhase, PHASE_RATES } from './fleet-phase.ts'
import { managementClient } from './management-client.ts'
import { quantile } from './rounds.ts'
import { figureText, report, type Row, rowsTable } from './row.ts'

/** Whatever hangs, it ends. */
const WHOLE_RUN_MS_MAX = 45 * 60_000
/** As somebody sets it up who means to keep what is written. */
const SERVER_SETTINGS = [
  'fsync=on',
  'full_page_writes=on',
  'shared_buffers=512MB',
  'maintenance_work_mem=256MB',
  'max_wal_size=4GB',
]
const MEASURED_TABLES = ['tokens', 'entries', 'secrets', 'changes', 'audit']

const { isQuick, tokenCount = 1_000_000 } = benchmarkOptions()
const durationMs = isQuick ? 10_000 : 30_000
const ending = new AbortController()
const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(WHOLE_RUN_MS_MAX)])
const folder = mkdtempSync(join(tmpdir(), 'keyfence-scale-'))
const upstream = createServer((_request, response) => response.end())
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')
const server = await startPostgres(SERVER_SETTINGS)
const nodes: FleetNode[] = []
try {
  report(await measured())
} finally {
  await Promise.allSettled(nodes.map((node) => node.stop()))
  ending.abort()
  await server.close()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
}

async function measured(): Promise<readonly Row[]> {
  const rows: Row[] = []
  // Told at once: what breaks later is not to cost what was measured before.
  const add = (...more: readonly Row[]): void => {
    rows.push(...more)
    console.error(rowsTable(more))
  }
  const url = await fillDatabase(server, tokenCount)
  console.error('the database is filled')
  const load = `load average before ${loadavg()[0]?.toFixed(1)}`
  const alone = await startNode(url, 1)
  const together = await Promise.all([startNode(url, 2), startNode(url, 3)])
  const [, last] = together
  add(firstCopyRow('first copy, one node alone', [alone], load))
  add(firstCopyRow('first copy, two nodes at once', together))
  const database = await DatabaseMeter.of(server, url)
  const measure = { nodes, database, durationMs, tokenCount }
  const calm = await measurePhase(measure)
  const management = managementClient(alone.managementUrl)
  const busy = await measurePhase({ ...measure, management })
  add(...phaseRows(calm, busy))
  const followed = new FollowedChanges(management, measure)
  add(...delayRows(await followed.delays(), followed.failed))
  management.close()
  const memory = nodes.map((node) => node.usage().memoryMb)
  add({ ...row('memory of a node', Math.max(...memory), 'MB'), beside: 'resident, the largest' })
  add(await restartRow(url, last))
  add(...(await sizeRows(url)))
  return rows
}

async function startNode(databaseUrl: string, number: number): Promise<FleetNode> {
  const { port } = upstream.address() as AddressInfo // it listens on TCP
  const node = await startFleetNode({
    folder: join(folder, `node-${number}`),
    upstreamPort: port,
    databaseUrl,
    signal,
    newestToken: tokenCount - 1,
  })
  nodes.push(node)
  return node
}

function row(name: string, figure: number, unit: Row['unit']): Row {
  const tokens = `${tokenCount.toLocaleString('en')} tokens`
  return { benchmark: 'scale', name: `${tokens}: ${name}`, figure, unit }
}

function firstCopyRow(name: string, started: readonly FleetNode[], load?: string): Row {
  const slowest = started.toSorted((one, other) => other.readyMs - one.readyMs)[0]
  const { readyMs = Number.NaN, starting } = slowest ?? {}
  const beside = [
    `CPU ${figureText(starting?.cpuMs ?? Number.NaN, 'ms')}`,
    `at most ${figureText(starting?.memoryPeakMb ?? Number.NaN, 'MB')}`,
    `${figureText((starting?.readBytes ?? Number.NaN) / 2 ** 20, 'MB')} read`,
    ...(load === undefined ? [] : [load]),
  ].join(', ')
  return { ...row(name, readyMs, 'ms'), beside }
}

/** The first node makes the changes and decides, the second decides, the last one does neither. */
function phaseRows(calm: FleetPhase, busy: FleetPhase): readonly Row[] {
  const { changes } = busy
  const each = (busy.readBytes - calm.readBytes) / (changes?.perSecond ?? Number.NaN)
  const of = (name: string, unit: Row['unit'], figure: (phase: FleetPhase) => number): Row => ({
    ...row(`${name}, beside changes`, figure(busy), unit),
    beside: `${figureText(figure(calm), unit)} without them`,
  })
  return [
    {
      ...row(`changes done of ${PHASE_RATES.changes} a second`, changes?.perSecond ?? 0, '/s'),
      beside: `answered in ${quantilesText(changes?.timesMs ?? [])}, ${changes?.failed ?? 0} failed`,
    },
    of('decisions, p50', 'ms', ({ decisions }) => quantile(decisions.timesMs, 0.5)),
    of('decisions, p99', 'ms', ({ decisions }) => quantile(decisions.timesMs, 0.99)),
    of('decisions that failed', '/s', ({ decisions }) => (decisions.failed * 1000) / durationMs),
    ...['node that makes them and decides', 'node that decides', 'node that only follows'].map(
      (node, at) => of(`CPU of a second, ${node}`, 'ms', ({ cpuMs }) => cpuMs[at] ?? Number.NaN),
    ),
    of('CPU of a second, PostgreSQL', 'ms', ({ databaseCpuMs }) => databaseCpuMs),
    of('transactions', '/s', ({ transactions }) => transactions),
    {
      ...of('read in a second, node that only follows', 'B', ({ readBytes }) => readBytes),
      beside: `${figureText(calm.readBytes, 'B')} without them, ${figureText(each, 'B')} a change`,
    },
  ]
}

function quantilesText(times: readonly number[]): string {
  const [p50, p99] = [0.5, 0.99].map((part) => figureText(quantile(times, part), 'ms'))
  return `p50 ${p50}, p99 ${p99}`
}

function delayRows(delays: readonly (readonly number[])[], failed: number): readonly Row[] {
  return delays.map((ofNode, at) => {
    const which = at === 0 ? 'the node that made it' : `node ${at + 1}`
    const beside = `half of them ${figureText(quantile(ofNode, 0.5), 'ms')}, of ${ofNode.length}; ${failed} asked for again`
    const name = `from a change's answer to its decision, ${which}, p99`
    return { ...row(name, quantile(ofNode, 0.99), 'ms'), beside }
  })
}

/** A node that ends leaves a snapshot, from which the next one in its folder goes on. */
async function restartRow(url: string, ended: FleetNode): Promise<Row> {
  await ended.stop()
  nodes.splice(nodes.indexOf(ended), 1)
  const { size } = statSync(join(folder, 'node-3', 'fence.snapshot'))
  const { readyMs } = await startNode(url, 3)
  const beside = `a file of ${figureText(size / 2 ** 20, 'MB')}`
  return { ...row('ready from a snapshot', readyMs, 'ms'), beside }
}

async function sizeRows(url: string): Promise<readonly Row[]> {
  const rows = await server.run(
    url,
    `select name, pg_table_size(name::regclass)::float8 as table_bytes,
      pg_total_relation_size(name::regclass)::float8 as all_bytes from unnest($1::text[]) name`,
    [MEASURED_TABLES],
  )
  return rows.map(({ name, table_bytes: table, all_bytes: all }) => {
    const beside = `${figureText(Number(table) / 2 ** 20, 'MB')} without its indexes`
    return { ...row(`size of ${String(name)}`, Number(all) / 2 ** 20, 'MB'), beside }
  })
}
