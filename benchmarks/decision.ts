/**
 * CPU of one decision, from header fields to verdict, against FLOOR: SHA-256, `Map`, `new URL`,
 * `Set`, the least that anybody would write. `node benchmarks/decision.ts [--tokens N] [--quick]`:
 * with 1,000, 100,000 and 1,000,000 tokens unless told otherwise, each in a process of its own.
 */
import { hash } from 'node:crypto'
import { judge, type JudgedRequest, type LookUpToken } from '../packages/core/src/index.ts'
import { mapFence } from '../packages/server/src/fence/map-fence.ts'
import { packedFence } from '../packages/server/src/fence/packed/packed-fence.ts'
import { type BenchmarkOptions, benchmarkOptions, sameOptions } from './command-line.ts'
import {
  domainOf,
  type IssuedToken,
  issueTokens,
  pageRequest,
  pickTokens,
  received,
  changeOf,
  serverRequest,
  SETTINGS,
} from './issued-tokens.ts'
import { type Contestant, costOf, cpuTimeUs, inTurns, ratioOf } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'
import { runScript } from './run-script.ts'

const TOKEN_COUNTS = [1000, 100_000, 1_000_000]
const BATCHES = 100
const BATCH_REQUESTS = 200
/** Beyond this many, a `Map` of compiled tokens fills the memory that the others are measured in. */
const MAP_FENCE_TOKENS_MAX = 100_000

const options = benchmarkOptions()
report(
  options.tokenCount === undefined
    ? await eachCount(options)
    : await measured(options.tokenCount, options),
)

async function eachCount(asked: BenchmarkOptions): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const count of TOKEN_COUNTS) {
    rows.push(...(await runScript('decision.ts', ['--tokens', `${count}`, ...sameOptions(asked)])))
  }
  return rows
}

interface NamedContestant {
  readonly name: string
  readonly goalMax?: number | undefined
  /** Makes the requests of these tokens as if they had just been received. */
  readonly receive: (tokens: readonly IssuedToken[]) => DecideAll
}

/** Decides the requests of a batch. @returns how many were allowed: all, or something is broken */
type DecideAll = () => number

async function measured(count: number, { isQuick }: BenchmarkOptions): Promise<readonly Row[]> {
  const tokens = issueTokens(count)
  const contestants = contestantsFor(tokens)
  const batches = Array.from({ length: BATCHES }, () => pickTokens(tokens, BATCH_REQUESTS))
  const counts = { rounds: isQuick ? 9 : 25, warmUp: 4 }
  const rounds = await inTurns(
    contestants.map((contestant) => cpuUs(contestant, batches)),
    counts,
  )
  return contestants.map(({ name, goalMax }, at) => {
    const { median: figure, spread } = ratioOf(rounds, at)
    const beside = figureText(costOf(rounds, at).median, 'µs')
    const row = { benchmark: 'decision', name: `${tokensText(count)}: ${name}`, figure, beside }
    return { ...row, unit: '×', spread, ...(goalMax === undefined ? {} : { goalMax }) }
  })
}

function tokensText(count: number): string {
  return `${count.toLocaleString('en')} tokens`
}

/**
 * CPU time of a request in microseconds. A batch is received just before it is decided, and that is
 * not counted: in a server, a request's fields have just been written and lie in the cache, while
 * its token is any of all.
 */
function cpuUs(
  { name, receive }: NamedContestant,
  batches: readonly (readonly IssuedToken[])[],
): Contestant {
  return () => {
    let usedUs = 0
    for (const batch of batches) {
      const decideAll = receive(batch)
      let allowed = 0
      usedUs += cpuTimeUs(() => (allowed = decideAll()))
      if (allowed !== batch.length) throw new Error(`${name} allowed ${allowed} of a batch`)
    }
    return usedUs / (batches.length * BATCH_REQUESTS)
  }
}

function contestantsFor(tokens: readonly IssuedToken[]): readonly NamedContestant[] {
  const packed = packedFence()
  const map = tokens.length <= MAP_FENCE_TOKENS_MAX ? mapFence() : undefined
  for (const token of tokens) {
    const change = changeOf(token)
    packed.apply(change)
    map?.apply(change)
  }
  const lookUp: LookUpToken = (token) => packed.lookUp(token)
  const rows = [
    floor(tokens),
    {
      name: 'packed fence, a page',
      goalMax: goalFor(tokens.length),
      receive: judging(ownPageRequest, lookUp),
    },
    { name: 'packed fence, a server', receive: judging(serverRequest, lookUp) },
  ]
  if (map === undefined) return rows
  const inMap: LookUpToken = (token) => map.lookUp(token)
  return [...rows, { name: 'Map fence, a page', receive: judging(ownPageRequest, inMap) }]
}

function ownPageRequest(token: IssuedToken): JudgedRequest {
  return pageRequest(token, `https://${domainOf(token)}`)
}

/** What packing has to bring: the more tokens, the more a `Map` of strings costs. */
function goalFor(count: number): number | undefined {
  if (count >= 1_000_000) return 0.7
  return count >= 100_000 ? 0.8 : undefined
}

function floor(tokens: readonly IssuedToken[]): NamedContestant {
  const domains = new Map<string, ReadonlySet<string>>()
  for (const token of tokens) {
    domains.set(hash('sha256', token.text, 'base64url'), new Set([received(domainOf(token))]))
  }
  const receive = (batch: readonly IssuedToken[]): DecideAll => {
    const requests = batch.map((token) => ({
      text: received(token.text),
      origin: received(`https://${domainOf(token)}`),
    }))
    return () => {
      let allowed = 0
      for (const { text, origin } of requests) {
        const listed = domains.get(hash('sha256', text, 'base64url'))
        if (listed?.has(new URL(origin).hostname)) allowed++
      }
      return allowed
    }
  }
  return { name: 'FLOOR', receive }
}

function judging(
  requestOf: (token: IssuedToken) => JudgedRequest,
  lookUp: LookUpToken,
): NamedContestant['receive'] {
  return (batch) => {
    const requests = batch.map(requestOf)
    return () => {
      const context = { settings: SETTINGS, now: Date.now() }
      let allowed = 0
      for (const request of requests) {
        if (judge(request, lookUp, context).effect === 'allow') allowed++
      }
      return allowed
    }
  }
}
