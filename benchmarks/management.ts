/**
 * What the management API of a node with a full store does in a second, and how long its lists take:
 * `node benchmarks/management.ts [--tokens N] [--quick]`, 1,000,000 unless told otherwise. The floor
 * of a change is the least that keeps anything: an SQLite transaction of one row, on the same disk,
 * with `synchronous = full`; that of a list is reading one token by its id.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { benchmarkOptions } from './command-line.ts'
import { fillStore, OWNER_COUNT, storedTokenId } from './filled-store.ts'
import { type ManagementClient, managementClient } from './management-client.ts'
import { type Contestant, costOf, inTurns, ratioOf } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'
import { serveNode } from './served-node.ts'

const { isQuick, tokenCount = 1_000_000 } = benchmarkOptions()
const CHANGES_PER_ROUND = 64
const PAGES_PER_ROUND = 3

interface Measured {
  readonly name: string
  /** Milliseconds of one: of a round's work, through the number of what was done. */
  readonly ms: Contestant
}

const folder = mkdtempSync(join(tmpdir(), 'keyfence-management-'))
try {
  await fillStore(folder, tokenCount)
  // Nothing has to listen there: no request is passed on.
  const node = await serveNode(folder, 9)
  try {
    const client = managementClient(node.managementUrl)
    report([...(await changes(client)), ...(await lists(client))])
    client.close()
  } finally {
    await node.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function changes(asking: ManagementClient): Promise<readonly Row[]> {
  const floor = oneRowTransactions(join(folder, 'floor.db'))
  const measured: readonly Measured[] = [
    { name: 'floor: transactions of one row', ms: floor.ms },
    ...[1, 16].flatMap((callers) => [
      { name: `creations, ${callersText(callers)}`, ms: creating(asking, callers) },
      {
        name: `changes of restrictions, ${callersText(callers)}`,
        ms: restricting(asking, callers),
      },
    ]),
  ]
  const contestants = measured.map(({ ms }) => ms)
  const rounds = await inTurns(contestants, { rounds: isQuick ? 5 : 15, warmUp: 2 })
  floor.close()
  return measured.map(({ name }, at) => {
    const { median: figure, spread } = ratioOf(rounds, at)
    const perSecond = figureText(1000 / costOf(rounds, at).median, '/s')
    return { ...rowOf(name), figure, unit: '×', spread, beside: perSecond }
  })
}

async function lists(asking: ManagementClient): Promise<readonly Row[]> {
  const measured: readonly Measured[] = [
    { name: 'floor: one token by its id', ms: reading(asking, `/v1/tokens/${storedTokenId(7)}`) },
    ...pages().map(([name, target]) => ({ name, ms: reading(asking, target) })),
  ]
  const contestants = measured.map(({ ms }) => ms)
  const rounds = await inTurns(contestants, { rounds: isQuick ? 3 : 11, warmUp: 1 })
  return measured.map(({ name }, at) => {
    const { median, spread } = costOf(rounds, at)
    const against = figureText(ratioOf(rounds, at).median, '×')
    return { ...rowOf(name), figure: median, unit: 'ms', spread, beside: `${against} × floor` }
  })
}

function pages(): readonly (readonly [name: string, target: string])[] {
  const deep = Buffer.from(storedTokenId(Math.floor(tokenCount * 0.9))).toString('base64url')
  const owner = `owner-${OWNER_COUNT - 1}`
  return [
    ['page of 50: the first', '/v1/tokens'],
    ['page of 50: a cursor behind nine tenths', `/v1/tokens?cursor=${deep}`],
    ['page of 50: of one owner', `/v1/tokens?owner=${owner}`],
    ['page of 50: one owner, active', `/v1/tokens?owner=${owner}&status=active`],
    ['page of 50: a name that all have', '/v1/tokens?name=shop'],
    ['page of 50: a name that one has', `/v1/tokens?name=shop%20${tokenCount - 1}`],
    ['page of 50: revoked, one in a thousand', '/v1/tokens?status=revoked'],
    ['page of 50: disabled, none', '/v1/tokens?status=disabled'],
    ['audit page of 50: the first', '/v1/audit'],
    ['audit page of 50: of one token', `/v1/audit?target=${storedTokenId(7)}`],
    ['audit page of 50: of one owner', `/v1/audit?owner=${owner}`],
  ]
}

function rowOf(name: string): Pick<Row, 'benchmark' | 'name'> {
  return { benchmark: 'management', name: `${tokenCount.toLocaleString('en')} tokens: ${name}` }
}

function callersText(callers: number): string {
  return callers === 1 ? '1 caller' : `${callers} callers`
}

/** Elapsed milliseconds of one transaction. */
function oneRowTransactions(path: string): { readonly ms: Contestant; close(): void } {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  database.exec('create table rows (id integer primary key, value text not null)')
  const insert = database.prepare('insert into rows (value) values (?)')
  const ms = (): number => {
    const began = performance.now()
    for (let at = 0; at < CHANGES_PER_ROUND; at++) insert.run('x'.repeat(100))
    return (performance.now() - began) / CHANGES_PER_ROUND
  }
  return { ms, close: () => database.close() }
}

function creating(asking: ManagementClient, callers: number): Contestant {
  const body = { name: 'shop', owner: 'owner-1', restrictions: restrictions('created.example') }
  return () => perChangeMs(callers, () => asking.ask('POST', '/v1/tokens', { body, expected: 201 }))
}

/** Each of another token, all over the store; none of those that are revoked. */
function restricting(asking: ManagementClient, callers: number): Contestant {
  let at = 7
  return () =>
    perChangeMs(callers, () => {
      at = (at + 79_000) % tokenCount
      const body = restrictions(`changed-${at}.example`)
      const target = `/v1/tokens/${storedTokenId(at)}/restrictions`
      return asking.ask('PUT', target, { body, expected: 200 })
    })
}

function restrictions(domain: string): unknown {
  return {
    domains: { enabled: true, entries: [domain, 'staging.example.com'] },
    ips: { enabled: false, entries: ['8.8.8.8'] },
  }
}

/** Elapsed milliseconds of one, while so many callers share a round's work. */
async function perChangeMs(callers: number, ask: () => Promise<void>): Promise<number> {
  let left = CHANGES_PER_ROUND
  const began = performance.now()
  const caller = async (): Promise<void> => {
    while (left-- > 0) await ask()
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (performance.now() - began) / CHANGES_PER_ROUND
}

/** Elapsed milliseconds of one answer. */
function reading(asking: ManagementClient, target: string): Contestant {
  return async () => {
    const began = performance.now()
    for (let at = 0; at < PAGES_PER_ROUND; at++) await asking.ask('GET', target, { expected: 200 })
    return (performance.now() - began) / PAGES_PER_ROUND
  }
}
