/**
 * What recording costs: CPU of judging and observing a request against judging it alone, and of
 * writing a second's worth of it into SQLite. `node benchmarks/activity.ts [--tokens 1000]`.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  judge,
  type JudgedRequest,
  type JudgeSettings,
  type LookUpToken,
  type Restrictions,
  type TokenText,
} from '../packages/core/src/index.ts'
import { ActivityCollector } from '../packages/server/src/activity/activity-collector.ts'
import type { Revision, TokenChange } from '../packages/server/src/fence/change-feed.ts'
import { mapFence } from '../packages/server/src/fence/map-fence.ts'
import { packedFence } from '../packages/server/src/fence/packed/packed-fence.ts'
import { newRequestId, newTokenId } from '../packages/server/src/identifier/identifier.ts'
import { openSqlite } from '../packages/server/src/store/sqlite/open-sqlite.ts'
import { hashToken } from '../packages/server/src/token/token.ts'

const REQUESTS = 20_000
const ROUNDS = 25
const WARM_UP_ROUNDS = 4

const SETTINGS: JudgeSettings = {
  tokenFields: [
    { name: 'authorization', scheme: 'bearer' },
    { name: 'x-api-key', scheme: undefined },
  ],
  tokenQuery: undefined,
  tokenPrefix: 'kf_',
  trustedProxies: [],
  barePeer: 'is_client',
  httpsOriginsOnly: false,
}

const LISTS: Restrictions = {
  domains: { enabled: true, entries: [{ value: 'example.com', subdomains: true, label: '' }] },
  ips: { enabled: true, entries: [{ value: '8.8.8.8', label: '' }] },
}

interface Contestant {
  readonly name: string
  readonly lookUp: LookUpToken
  readonly requests: readonly JudgedRequest[]
}

const { values } = parseArgs({ options: { tokens: { type: 'string', default: '1000' } } })
const tokens = Array.from({ length: Number(values.tokens) }, (_, at) => received(`shop-${at}`))
const [maps, packed] = [mapFence(), packedFence()]
const fromMaps: LookUpToken = (token) => maps.lookUp(token)
const fromPacked: LookUpToken = (token) => packed.lookUp(token)
for (const [at, token] of tokens.entries()) {
  const change = changeOf(token, at)
  maps.apply(change)
  packed.apply(change)
}
const allowed = requestsFrom('https://www.example.com')
const contestants: readonly Contestant[] = [
  { name: 'allowed, a page, Map fence', lookUp: fromMaps, requests: allowed },
  { name: 'allowed, a page, packed fence', lookUp: fromPacked, requests: allowed },
  { name: 'allowed, a server, Map fence', lookUp: fromMaps, requests: requestsFrom(undefined) },
  {
    name: 'refused, a page, Map fence',
    lookUp: fromMaps,
    requests: requestsFrom('https://www.evil.example'),
  },
]
console.log(`${tokens.length} tokens, ${REQUESTS} requests a batch\n`)
console.log('| | judged, CPU µs | and observed | ratio | spread |')
console.log('| --- | --- | --- | --- | --- |')
for (const contestant of contestants) console.log(measured(contestant))
console.log('\n| written into SQLite | main thread ms | CPU ms |\n| --- | --- | --- |')
for (const contestant of contestants.slice(2)) console.log(await written(contestant))

function measured({ name, lookUp, requests }: Contestant): string {
  const rounds: { readonly judged: number; readonly both: number }[] = []
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const runs = [
      () => cpuUs(() => judgeAll(requests, lookUp, () => {})),
      () => cpuUs(() => observeAll(requests, lookUp)),
    ] as const
    // In changing order: the machine's speed changes, and only ratios within a round mean something.
    const isReversed = round % 2 === 1
    const first = (isReversed ? runs[1] : runs[0])()
    const second = (isReversed ? runs[0] : runs[1])()
    rounds.push(isReversed ? { judged: second, both: first } : { judged: first, both: second })
  }
  const kept = rounds.slice(WARM_UP_ROUNDS)
  const ratios = kept.map(({ judged, both }) => both / judged)
  const spread = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / quantile(ratios, 0.5)
  const cells = [
    quantile(
      kept.map(({ judged }) => judged),
      0.5,
    ).toFixed(2),
    quantile(
      kept.map(({ both }) => both),
      0.5,
    ).toFixed(2),
    quantile(ratios, 0.5).toFixed(2),
    `±${(spread * 100).toFixed(0)} %`,
  ]
  return `| ${name} | ${cells.join(' | ')} |`
}

/** The whole of what the process spends, the store's own thread included, and how long it took. */
async function written({ name, lookUp, requests }: Contestant): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-benchmark-'))
  const store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
  const limits = { refusalsPerTokenMax: 1000 }
  const results: { readonly busyMs: number; readonly cpuMs: number }[] = []
  for (let round = 0; round < 5; round++) {
    const collector = newCollector()
    judgeAll(requests, lookUp, (observation) => collector.observe(observation))
    collector.seal()
    const batch = collector.oldest
    if (batch === undefined) throw new Error('nothing was observed')
    const before = process.cpuUsage()
    const busyBefore = performance.eventLoopUtilization()
    await store.transact(({ activity }) => activity.record(batch, limits))
    const busyMs = performance.eventLoopUtilization(busyBefore).active
    const { user, system } = process.cpuUsage(before)
    results.push({ busyMs, cpuMs: (user + system) / 1000 })
  }
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  const busy = quantile(
    results.map(({ busyMs }) => busyMs),
    0.5,
  ).toFixed(0)
  const cpu = quantile(
    results.map(({ cpuMs }) => cpuMs),
    0.5,
  ).toFixed(0)
  return `| ${REQUESTS} ${name} | ${busy} | ${cpu} |`
}

function newCollector(): ActivityCollector {
  return new ActivityCollector({
    now: Date.now,
    requestId: () => newRequestId(randomBytes),
    refusalsMax: 50_000,
    refusalsPerTokenMax: 1000,
  })
}

function observeAll(requests: readonly JudgedRequest[], lookUp: LookUpToken): number {
  const collector = newCollector()
  const judged = judgeAll(requests, lookUp, (observation) => collector.observe(observation))
  collector.seal()
  return judged
}

function judgeAll(
  requests: readonly JudgedRequest[],
  lookUp: LookUpToken,
  observe: ActivityCollector['observe'],
): number {
  const context = { settings: SETTINGS, now: Date.now() }
  let judged = 0
  for (const request of requests) {
    const verdict = judge(request, lookUp, context)
    if (verdict.policy !== undefined) judged++
    // Making the id is part of answering, not of recording.
    const requestId = verdict.effect === 'allow' ? undefined : `req_${judged}`
    observe({ verdict, requestId, method: 'GET', path: request.target })
  }
  return judged
}

function requestsFrom(origin: string | undefined): readonly JudgedRequest[] {
  return Array.from({ length: REQUESTS }, (_, at) => {
    const token = tokens[at % tokens.length] ?? ''
    const page = origin === undefined ? [] : ['Origin', origin, 'Sec-Fetch-Mode', 'cors']
    const fields = ['Host', 'api.example.com', 'Authorization', `Bearer ${token}`, ...page]
    return {
      fields: fields.map(received),
      target: '/v1/orders/1234567890',
      peer: '8.8.8.8',
      isWebSocket: false,
    }
  })
}

/** The text as a parser of octets makes it: in one piece, while a template's is a tree of its parts. */
function received(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function changeOf(token: string, at: number): TokenChange {
  const tokenId = newTokenId(Date.now(), randomBytes)
  return {
    kind: 'saved',
    revision: at as Revision,
    tokenId,
    secrets: [{ hash: hashToken(token as TokenText), endsAt: undefined }], // its shape is a token's
    record: {
      tokenId,
      owner: `customer-${at >> 2}`,
      metadata: {},
      status: 'active',
      mode: 'enforce',
      notBefore: undefined,
      expiresAt: undefined,
      restrictions: LISTS,
    },
  }
}

/** CPU time of a request in microseconds. */
function cpuUs(run: () => number): number {
  const before = process.cpuUsage()
  const judged = run()
  const { user, system } = process.cpuUsage(before)
  if (judged !== REQUESTS) throw new Error(`${judged} of ${REQUESTS} tokens were known`)
  return (user + system) / REQUESTS
}

function quantile(all: readonly number[], part: number): number {
  const sorted = all.toSorted((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
}
