/**
 * CPU of one decision, from header fields to verdict, against FLOOR: SHA-256, `Map`, `new URL`,
 * `Set`, the least that anybody would write. `node benchmarks/decision.ts [--tokens 100000]`.
 */
import { hash, randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import {
  formatToken,
  judge,
  type JudgedRequest,
  type JudgeSettings,
  type LookUpToken,
  TOKEN_ALPHABET,
  TOKEN_RANDOM_LENGTH,
  type TokenText,
} from '../packages/core/src/index.ts'
import type { Revision, TokenChange } from '../packages/server/src/fence/change-feed.ts'
import { mapFence } from '../packages/server/src/fence/map-fence.ts'
import { packedFence } from '../packages/server/src/fence/packed/packed-fence.ts'
import { newTokenId } from '../packages/server/src/identifier/identifier.ts'
import { hashToken } from '../packages/server/src/token/token.ts'

const REQUESTS = 20_000
const ROUNDS = 25
const WARM_UP_ROUNDS = 4
/** Beyond this many, a `Map` of compiled tokens fills the memory that the others are measured in. */
const MAP_FENCE_TOKENS_MAX = 100_000

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

/** What all requests have. Received once: in a server it has just been written, and lies in the cache. */
const BEFORE = [
  'Host',
  'api.example.com',
  'User-Agent',
  'Mozilla/5.0 (X11; Linux x86_64)',
  'Accept',
  '*/*',
  'Authorization',
].map(received)
const BEHIND = ['Accept-Encoding', 'gzip'].map(received)
const ORIGIN = received('Origin')
const FETCH_METADATA = ['Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'cors'].map(received)

interface Contestant {
  readonly name: string
  readonly goal: number | undefined
  /** Decides all requests. @returns how many were allowed: all of them, or something is broken */
  readonly run: () => number
}

const { values } = parseArgs({ options: { tokens: { type: 'string', default: '100000' } } })
const tokenCount = Number(values.tokens)
const contestants = contestantsFor(tokenCount)
const rounds = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, (_, round) => runRound(round))
console.log(`${tokenCount} tokens\n\n${table(rounds.slice(WARM_UP_ROUNDS))}`)

function contestantsFor(count: number): readonly Contestant[] {
  const tokens = Array.from({ length: count }, () => received(newToken()) as TokenText) // as it was
  const picked = Array.from({ length: REQUESTS }, () => Math.floor(Math.random() * count))
  const browser = picked.map((at) => browserRequest(tokens[at] ?? '', at))
  const server = picked.map((at) => serverRequest(tokens[at] ?? ''))
  const packed = packedFence()
  const map = count <= MAP_FENCE_TOKENS_MAX ? mapFence() : undefined
  for (const [at, token] of tokens.entries()) {
    const change = changeOf(token, at)
    packed.apply(change)
    map?.apply(change)
  }
  const goal = goalFor(count)
  const lookUp: LookUpToken = (token) => packed.lookUp(token)
  const rows = [
    floor(tokens, picked),
    { name: 'judge, packed fence, domain', goal, run: judging(browser, lookUp) },
    { name: 'judge, packed fence, address', goal: undefined, run: judging(server, lookUp) },
  ]
  if (map === undefined) return rows
  const name = 'judge, Map fence, domain'
  return [...rows, { name, goal: undefined, run: judging(browser, (token) => map.lookUp(token)) }]
}

/** What packing has to bring: the more tokens, the more a `Map` of strings costs. */
function goalFor(count: number): number | undefined {
  if (count >= 1_000_000) return 0.7
  return count >= 100_000 ? 0.8 : undefined
}

function newToken(): TokenText {
  let random = ''
  for (const octet of randomBytes(TOKEN_RANDOM_LENGTH)) random += TOKEN_ALPHABET.charAt(octet % 62)
  return formatToken('kf_', random)
}

/** The text as a parser of octets makes it: in one piece, while a template's is a tree of its parts. */
function received(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function domainOf(at: number): string {
  return `shop${at}.example.com`
}

function changeOf(token: TokenText, at: number): TokenChange {
  const tokenId = newTokenId(Date.now(), randomBytes)
  return {
    kind: 'saved',
    revision: at as Revision,
    tokenId,
    secrets: [{ hash: hashToken(token), endsAt: undefined }],
    record: {
      tokenId,
      owner: `customer-${at >> 2}`,
      metadata: {},
      status: 'active',
      mode: 'enforce',
      notBefore: undefined,
      expiresAt: undefined,
      restrictions: {
        domains: {
          enabled: true,
          entries: [{ value: domainOf(at), subdomains: false, label: '' }],
        },
        ips: { enabled: true, entries: [{ value: '8.8.8.8', label: '' }] },
      },
    },
  }
}

function browserRequest(token: string, at: number): JudgedRequest {
  const origin = received(`https://${domainOf(at)}`)
  return requestWith(token, [ORIGIN, origin, ...FETCH_METADATA])
}

function serverRequest(token: string): JudgedRequest {
  return requestWith(token, [])
}

function requestWith(token: string, more: readonly string[]): JudgedRequest {
  const fields = [...BEFORE, received(`Bearer ${token}`), ...BEHIND, ...more]
  return { fields, target: '/v1/orders', peer: '8.8.8.8', isWebSocket: false }
}

function floor(tokens: readonly string[], picked: readonly number[]): Contestant {
  const domains = new Map<string, ReadonlySet<string>>()
  for (const [at, token] of tokens.entries()) {
    domains.set(hash('sha256', token, 'base64url'), new Set([received(domainOf(at))]))
  }
  const requests = picked.map((at) => ({
    token: received(tokens[at] ?? ''),
    origin: received(`https://${domainOf(at)}`),
  }))
  const run = (): number => {
    let allowed = 0
    for (const { token, origin } of requests) {
      const listed = domains.get(hash('sha256', token, 'base64url'))
      if (listed?.has(new URL(origin).hostname)) allowed++
    }
    return allowed
  }
  return { name: 'FLOOR', goal: undefined, run }
}

function judging(requests: readonly JudgedRequest[], lookUp: LookUpToken): () => number {
  return () => {
    const context = { settings: SETTINGS, now: Date.now() }
    let allowed = 0
    for (const request of requests) {
      if (judge(request, lookUp, context).effect === 'allow') allowed++
    }
    return allowed
  }
}

/** CPU time of a request in microseconds, for each contestant; they take turns in changing order. */
function runRound(round: number): readonly number[] {
  const order = round % 2 === 0 ? contestants : contestants.toReversed()
  const used = new Map(order.map((contestant) => [contestant, cpuUs(contestant)]))
  return contestants.map((contestant) => used.get(contestant) ?? Number.NaN)
}

function cpuUs({ name, run }: Contestant): number {
  const before = process.cpuUsage()
  const allowed = run()
  const { user, system } = process.cpuUsage(before)
  if (allowed !== REQUESTS) throw new Error(`${name} allowed ${allowed} of ${REQUESTS}`)
  return (user + system) / REQUESTS
}

function table(measured: readonly (readonly number[])[]): string {
  const rows = contestants.map(({ name, goal }, at) => {
    const own = measured.map((round) => round[at] ?? Number.NaN)
    // Only ratios within a round mean something: the machine's speed changes between minutes.
    const ratios = measured.map((round) => (round[at] ?? Number.NaN) / (round[0] ?? Number.NaN))
    const spread = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / quantile(ratios, 0.5)
    const cells = [
      quantile(own, 0.5).toFixed(2),
      quantile(ratios, 0.5).toFixed(2),
      `±${(spread * 100).toFixed(0)} %`,
      goal === undefined ? '' : `≤ ${goal.toFixed(2)}`,
    ]
    return `| ${name} | ${cells.join(' | ')} |`
  })
  return ['| | CPU µs | ratio | spread | goal |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

function quantile(all: readonly number[], part: number): number {
  const sorted = all.toSorted((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
}
