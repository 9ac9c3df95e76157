/**
 * What the guard costs inside an application: `node benchmarks/guard.ts [--tokens N] [--quick]`. CPU of
 * a request beside the same application without it; its first copy of 100,000 and 1,000,000 tokens; and
 * how soon it decides by a change. With a number of tokens, their first copy alone.
 */
import { fork } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGuard } from '../packages/guard/src/index.ts'
import { type App, APP_TARGET, COMPARED_APPS } from './apps/compared-apps.ts'
import { connectedSocket, exchangeOf, pageFields } from './apps/received-request.ts'
import { benchmarkOptions } from './command-line.ts'
import { fillStore, storedDomain, storedToken } from './filled-store.ts'
import { received } from './issued-tokens.ts'
import { managementClient } from './management-client.ts'
import {
  type Contestant,
  costOf,
  cpuTimeUs,
  inTurns,
  middle,
  quantile,
  type Rounds,
} from './rounds.ts'
import { figureText, report, type Row } from './row.ts'
import { MANAGEMENT_KEY, serveNode } from './served-node.ts'
import type { CopyMeasures } from './servers/guard-copy.ts'

const GOAL_US = 3
const GOAL_DELAY_MS = 100
const TOKENS = 1000
const BATCH_REQUESTS = 200
const BATCHES_PER_ROUND = 25

const { isQuick, tokenCount } = benchmarkOptions()
const rows: Row[] = []
if (tokenCount === undefined) rows.push(...(await onTopOfEach()))
for (const count of tokenCount === undefined ? [100_000, 1_000_000] : [tokenCount]) {
  rows.push(...(await firstCopy(count)))
}
if (tokenCount === undefined) rows.push(await delayOfChanges())
report(rows)

/** In process: between sockets and an event loop, a few microseconds cannot be seen. */
async function onTopOfEach(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-guard-'))
  await fillStore(folder, TOKENS)
  const node = await serveNode(folder, 9)
  const guard = await createGuard({
    url: node.managementUrl,
    key: await feedKey(node.managementUrl),
  })
  await guard.ready
  await using socket = await connectedSocket()
  const floor = floorOf(TOKENS)
  const measured: Row[] = []
  for (const [name, makeApps] of Object.entries(COMPARED_APPS)) {
    const { plain, idle, guarded } = await makeApps(guard)
    const contestants = [plain, idle, guarded].map((app) => () => cpuUs(app, socket))
    measured.push(onTopRow(name, await batchedRounds([...contestants, floor])))
  }
  await guard.close()
  await node.stop()
  rmSync(folder, { recursive: true, force: true })
  return measured
}

/** The guard's share: what a request costs with it less what it costs without, in the same round. */
function onTopRow(framework: string, rounds: Rounds): Row {
  const onTop = (contestant: number) =>
    middle(rounds.map((costs) => (costs[contestant] ?? Number.NaN) - (costs[0] ?? Number.NaN)))
  const { median: figure, spread } = onTop(2)
  const [plain, guarded, floor] = [0, 2, 3].map((at) => figureText(costOf(rounds, at).median, 'µs'))
  const idle = figureText(onTop(1).median, 'µs')
  const beside = `${guarded} against ${plain}; a middleware that does nothing ${idle}; FLOOR ${floor}`
  const row = { benchmark: 'guard', name: `${framework}: a request, on top`, figure, beside }
  return { ...row, unit: 'µs', spread, goalMax: GOAL_US }
}

/** The least that anybody would write, as in `decision.ts`: says how fast the machine was in these rounds. */
function floorOf(count: number): Contestant {
  const domains = new Map<string, ReadonlySet<string>>()
  for (let at = 0; at < count; at++) {
    domains.set(hash('sha256', storedToken(at), 'base64url'), new Set([received(storedDomain(at))]))
  }
  return () => {
    const batch = Array.from({ length: BATCH_REQUESTS }, () => {
      const at = Math.floor(Math.random() * count)
      return { text: received(storedToken(at)), origin: received(`https://${storedDomain(at)}`) }
    })
    let allowed = 0
    const usedUs = cpuTimeUs(() => {
      for (const { text, origin } of batch) {
        const listed = domains.get(hash('sha256', text, 'base64url'))
        if (listed?.has(new URL(origin).hostname)) allowed++
      }
    })
    if (allowed !== BATCH_REQUESTS) throw new Error(`FLOOR allowed ${allowed}`)
    return usedUs / BATCH_REQUESTS
  }
}

/** They take turns after each batch, of a millisecond or a few; a round is the mean of many. */
async function batchedRounds(contestants: readonly Contestant[]): Promise<Rounds> {
  const rounds = isQuick ? 9 : 25
  const warmUp = 3 * BATCHES_PER_ROUND
  const batches = await inTurns(contestants, { rounds: rounds * BATCHES_PER_ROUND, warmUp })
  return Array.from({ length: rounds }, (_, round) => {
    const own = batches.slice(round * BATCHES_PER_ROUND, (round + 1) * BATCHES_PER_ROUND)
    return contestants.map(
      (_app, at) => own.reduce((sum, costs) => sum + (costs[at] ?? 0), 0) / own.length,
    )
  })
}

/** CPU of a request, of tokens picked at random. Receiving a batch is not counted. */
async function cpuUs(app: App, socket: Socket): Promise<number> {
  const exchanges = Array.from({ length: BATCH_REQUESTS }, () => {
    const at = Math.floor(Math.random() * (TOKENS - 2))
    return exchangeOf(socket, APP_TARGET, pageFields(storedToken(at), storedDomain(at)))
  })
  // The guard follows Keyfence meanwhile, which takes turns of the event loop.
  await nextTurn()
  const before = process.cpuUsage()
  await Promise.all(exchanges.map(({ request, response }) => app(request, response)))
  const { user, system } = process.cpuUsage(before)
  for (const { response } of exchanges) {
    if (!response.writableEnded || response.statusCode !== 200) {
      throw new Error(`it answered ${response.statusCode}`)
    }
  }
  return (user + system) / BATCH_REQUESTS
}

async function firstCopy(count: number): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-guard-'))
  try {
    await fillStore(folder, count)
    const node = await serveNode(folder, 9)
    const key = await feedKey(node.managementUrl)
    const measured: CopyMeasures[] = []
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      measured.push(await copyOnce(node.managementUrl, key))
    }
    await node.stop()
    return copyRows(count, measured)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function copyOnce(url: string, key: string): Promise<CopyMeasures> {
  const child = fork(join(import.meta.dirname, 'servers/guard-copy.ts'), [url, key], {
    execArgv: ['--expose-gc'],
  })
  const [measures] = (await once(child, 'message')) as [CopyMeasures] // the one thing it sends
  await once(child, 'exit')
  return measures
}

function copyRows(count: number, measured: readonly CopyMeasures[]): readonly Row[] {
  const of = (member: keyof CopyMeasures) => middle(measured.map((measures) => measures[member]))
  const { median: figure, spread } = of('readyMs')
  const beside = [
    `CPU ${figureText(of('cpuMs').median, 'ms')}`,
    `${figureText(of('receivedBytes').median / 2 ** 20, 'MB')} received`,
    `${figureText(of('memoryMb').median, 'MB')} resident`,
    `${figureText(of('heapMb').median, 'MB')} of it on the heap`,
  ].join(', ')
  const name = `${count.toLocaleString('en')} tokens: first copy`
  return [{ benchmark: 'guard', name, figure, unit: 'ms', beside, spread }]
}

/** Keys of the environment are of another shape than a guard takes. */
async function feedKey(managementUrl: string): Promise<string> {
  return (await created(managementUrl, 'keys', { name: 'guard', scopes: ['feed'] })).secret
}

/** From the answer to a change until a guard on the same machine decides by it. */
async function delayOfChanges(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-guard-'))
  const node = await serveNode(folder, 9)
  const { id, secret } = await created(node.managementUrl, 'tokens', { name: 'x', owner: 'x' })
  const guard = await createGuard({
    url: node.managementUrl,
    key: await feedKey(node.managementUrl),
  })
  await guard.ready
  const management = managementClient(node.managementUrl)
  const request = { method: 'GET', target: '/', fields: ['X-API-Key', secret], peer: '127.0.0.1' }
  const delays: number[] = []
  for (let change = 0; change < (isQuick ? 40 : 400); change++) {
    const effect = change % 2 === 0 ? 'refuse' : 'allow'
    const verb = effect === 'refuse' ? 'disable' : 'enable'
    await management.ask('POST', `/v1/tokens/${id}/${verb}`, { expected: 200 })
    const began = performance.now()
    while (guard.decide(request).effect !== effect) await new Promise(setImmediate)
    delays.push(performance.now() - began)
  }
  management.close()
  await guard.close()
  await node.stop()
  rmSync(folder, { recursive: true, force: true })
  const beside = `half of them ${figureText(quantile(delays, 0.5), 'ms')}`
  const row = { benchmark: 'guard', name: 'from a change to its decision, p99', beside }
  return { ...row, figure: quantile(delays, 0.99), unit: 'ms', goalMax: GOAL_DELAY_MS }
}

async function created(
  managementUrl: string,
  what: 'keys' | 'tokens',
  body: object,
): Promise<{ readonly id: string; readonly secret: string }> {
  const answer = await fetch(`${managementUrl}/v1/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await answer.json()) as { id: string; secret: string } // it is documented so
}
