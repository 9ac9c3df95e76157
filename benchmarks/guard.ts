/**
 * What the guard costs inside an application: `node benchmarks/guard.ts [--tokens N] [--quick]`. CPU of
 * a request beside the same application without it, in Express, Fastify and Hono; its first copy of
 * 100,000 and 1,000,000 tokens unless told otherwise; and how soon it decides by a change.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard } from '../packages/guard/src/index.ts'
import { benchmarkOptions } from './command-line.ts'
import { cpuRounds } from './cpu-rounds.ts'
import { fillStore } from './filled-store.ts'
import { managementClient } from './management-client.ts'
import { requestText } from './request-text.ts'
import { costOf, middle, quantile } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'
import { MANAGEMENT_KEY, serveNode } from './served-node.ts'
import type { CopyMeasures } from './servers/guard-copy.ts'

const GOAL_US = 3
const GOAL_DELAY_MS = 100
const FRAMEWORKS = ['express', 'fastify', 'hono']

const { isQuick, tokenCount } = benchmarkOptions()
const rows: Row[] = []
for (const framework of FRAMEWORKS) rows.push(...(await onTopOf(framework)))
for (const count of tokenCount === undefined ? [100_000, 1_000_000] : [tokenCount]) {
  rows.push(...(await firstCopy(count)))
}
rows.push(await delayOfChanges())
report(rows)

/** The guard's share: what a request costs with it less what it costs without, in the same round. */
async function onTopOf(framework: string): Promise<readonly Row[]> {
  const servers = ['plain', 'guarded'].map((kind) => ({
    script: 'framework-app.ts',
    parameters: [framework, kind],
  }))
  const rounds = await cpuRounds(servers, {
    request: requestText('/v1/orders'),
    bodyBytes: 2,
    rounds: isQuick ? 7 : 21,
    requestsPerRound: 6000,
    connections: 16,
  })
  const { median: figure, spread } = middle(
    rounds.map(([plain = Number.NaN, guarded = Number.NaN]) => guarded - plain),
  )
  const [plain, guarded] = [0, 1].map((at) => figureText(costOf(rounds, at).median, 'µs'))
  const beside = `${guarded} against ${plain}`
  const row = { benchmark: 'guard', name: `${framework}: a request, on top`, figure, beside }
  return [{ ...row, unit: 'µs', spread, goalMax: GOAL_US }]
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
  const { median: figure, spread } = middle(measured.map(({ readyMs }) => readyMs))
  const received = measured[0]?.receivedBytes ?? 0
  const memory = middle(measured.map(({ memoryMb }) => memoryMb)).median
  const beside = `${figureText(received / 2 ** 20, 'MB')} received, ${figureText(memory, 'MB')} resident`
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
