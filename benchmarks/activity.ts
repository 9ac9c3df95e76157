/**
 * What recording costs: CPU of judging and observing a request against judging it alone, and of
 * writing a second's worth of it into SQLite. `node benchmarks/activity.ts [--tokens N] [--quick]`.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge, type JudgedRequest, type LookUpToken } from '../packages/core/src/index.ts'
import { ActivityCollector } from '../packages/server/src/activity/activity-collector.ts'
import { packedFence } from '../packages/server/src/fence/packed/packed-fence.ts'
import { newRequestId } from '../packages/server/src/identifier/identifier.ts'
import { openSqlite } from '../packages/server/src/store/sqlite/open-sqlite.ts'
import { benchmarkOptions } from './command-line.ts'
import {
  domainOf,
  issueTokens,
  pageRequest,
  pickTokens,
  changeOf,
  serverRequest,
  SETTINGS,
} from './issued-tokens.ts'
import { costOf, cpuTimeUs, inTurns, middle, ratioOf } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'

/** What a busy node answers in a second, and writes as one batch. */
const REQUESTS = 20_000

interface RequestKind {
  readonly name: string
  readonly requests: readonly JudgedRequest[]
}

const { isQuick, tokenCount = 1000 } = benchmarkOptions()
const tokens = issueTokens(tokenCount)
const fence = packedFence()
for (const token of tokens) fence.apply(changeOf(token))
const lookUp: LookUpToken = (token) => fence.lookUp(token)
const picked = pickTokens(tokens, REQUESTS)
const kinds: readonly RequestKind[] = [
  {
    name: 'allowed, a page',
    requests: picked.map((token) => pageRequest(token, `https://${domainOf(token)}`)),
  },
  { name: 'allowed, a server', requests: picked.map(serverRequest) },
  {
    name: 'refused, a page',
    requests: picked.map((token) => pageRequest(token, 'https://www.evil.example')),
  },
]
const rows: Row[] = []
for (const kind of kinds) rows.push(await observing(kind))
for (const kind of kinds) rows.push(await writing(kind))
report(rows)

async function observing({ name, requests }: RequestKind): Promise<Row> {
  const judging = (): number => perRequest(() => judgeAll(requests, () => {}))
  const both = (): number => perRequest(() => observeAll(requests))
  const rounds = await inTurns([judging, both], { rounds: isQuick ? 9 : 25, warmUp: 4 })
  const { median: figure, spread } = ratioOf(rounds, 1)
  const [judged, observed] = [0, 1].map((at) => costOf(rounds, at).median.toFixed(2))
  return {
    benchmark: 'activity',
    name: `${name}: judged and observed against judged`,
    figure,
    unit: '×',
    beside: `${observed} against ${judged} µs`,
    spread,
  }
}

/** CPU of the whole process, the store's own thread included; and how long the main thread was busy. */
async function writing({ name, requests }: RequestKind): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-benchmark-'))
  const store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
  const limits = { refusalsPerTokenMax: 1000 }
  const cpuMs: number[] = []
  const busyMs: number[] = []
  for (let round = 0; round < (isQuick ? 3 : 9); round++) {
    const collector = newCollector()
    judgeAll(requests, (observation) => collector.observe(observation))
    collector.seal()
    const batch = collector.oldest
    if (batch === undefined) throw new Error('nothing was observed')
    const before = process.cpuUsage()
    const busyBefore = performance.eventLoopUtilization()
    await store.transact(({ activity }) => activity.record(batch, limits))
    busyMs.push(performance.eventLoopUtilization(busyBefore).active)
    const { user, system } = process.cpuUsage(before)
    cpuMs.push((user + system) / 1000)
  }
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  const { median: figure, spread } = middle(cpuMs)
  const beside = `main thread busy for ${figureText(middle(busyMs).median, 'ms')}`
  const what = `${REQUESTS.toLocaleString('en')} ${name}: writing the batch, CPU`
  return { benchmark: 'activity', name: what, figure, unit: 'ms', beside, spread }
}

function newCollector(): ActivityCollector {
  return new ActivityCollector({
    now: Date.now,
    requestId: () => newRequestId(randomBytes),
    refusalsMax: 50_000,
    refusalsPerTokenMax: 1000,
  })
}

function observeAll(requests: readonly JudgedRequest[]): number {
  const collector = newCollector()
  const judged = judgeAll(requests, (observation) => collector.observe(observation))
  collector.seal()
  return judged
}

function judgeAll(
  requests: readonly JudgedRequest[],
  observe: ActivityCollector['observe'],
): number {
  const context = { settings: SETTINGS, now: Date.now() }
  let judged = 0
  for (const request of requests) {
    const verdict = judge(request, lookUp, context)
    if (verdict.policy !== undefined) judged++
    // Making the id is part of answering, not of recording.
    const requestId = verdict.effect === 'allow' ? undefined : `req_${judged}`
    observe({ verdict, requestId, method: 'GET', path: request.target, peer: undefined })
  }
  return judged
}

/** CPU time of a request in microseconds. */
function perRequest(judgeThem: () => number): number {
  let judged = 0
  const usedUs = cpuTimeUs(() => (judged = judgeThem()))
  if (judged !== REQUESTS) throw new Error(`${judged} of ${REQUESTS} tokens were known`)
  return usedUs / REQUESTS
}
