/**
 * How soon a node is ready: `node benchmarks/start.ts [--tokens N] [--quick]` fills a data folder with
 * 1, 100,000 and 1,000,000 tokens unless told otherwise, and starts `keyfence serve` on it, in turns
 * without a snapshot, so that it reads SQLite, and with the one that the start before has left. Ready
 * is when the newest token's first request has been answered 200. What starts is the package as it is
 * published, built first.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkOptions } from './command-line.ts'
import { fillStore, storedToken } from './filled-store.ts'
import type { ProcessUsage } from './process-usage.ts'
import { middle } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'
import { serveNode } from './served-node.ts'

/** From how many tokens on a start has a goal, in milliseconds. */
const GOALS_MS = [
  { tokenCount: 1_000_000, sqlite: 5000, snapshot: 1000 },
  { tokenCount: 100_000, sqlite: 2000, snapshot: 2000 },
]
const SNAPSHOT_FILE = 'fence.snapshot'
/** With fewer, a node keeps no snapshot: reading them takes no time. */
const SNAPSHOT_TOKENS_MIN = 10_000

interface Start extends ProcessUsage {
  readonly readyMs: number
}

const { isQuick, tokenCount: asked } = benchmarkOptions()
const packages = mkdtempSync(join(tmpdir(), 'keyfence-packages-'))
const program = join(packages, 'server/bin/keyfence.js')
execFileSync(process.execPath, [
  join(import.meta.dirname, '../scripts/build-packages.mjs'),
  packages,
  'server',
])
const upstream = createServer((_request, response) => response.end())
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')
const rows: Row[] = []
for (const tokenCount of asked === undefined ? [1, 100_000, 1_000_000] : [asked]) {
  rows.push(...(await measured(tokenCount)))
}
upstream.close()
rmSync(packages, { recursive: true, force: true })
report(rows)

async function measured(tokenCount: number): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-start-'))
  const [sqlite, snapshot]: [Start[], Start[]] = [[], []]
  try {
    await fillStore(folder, tokenCount)
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      rmSync(join(folder, SNAPSHOT_FILE), { force: true })
      sqlite.push(await startOnce(folder, tokenCount))
      if (tokenCount < SNAPSHOT_TOKENS_MIN) continue
      if (!existsSync(join(folder, SNAPSHOT_FILE))) throw new Error('no snapshot was left behind')
      snapshot.push(await startOnce(folder, tokenCount))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const goals = GOALS_MS.find((goal) => tokenCount >= goal.tokenCount)
  const tokens = `${tokenCount.toLocaleString('en')} token${tokenCount === 1 ? '' : 's'}`
  const fromSqlite = startRow(`${tokens}: ready from SQLite`, sqlite, goals?.sqlite)
  if (snapshot.length === 0) return [fromSqlite]
  return [fromSqlite, startRow(`${tokens}: ready from a snapshot`, snapshot, goals?.snapshot)]
}

function startRow(name: string, starts: readonly Start[], goalMax: number | undefined): Row {
  const { median: figure, spread } = middle(starts.map(({ readyMs }) => readyMs))
  const peakMb = Math.max(...starts.map(({ memoryPeakMb }) => memoryPeakMb))
  const cpu = figureText(middle(starts.map(({ cpuMs }) => cpuMs)).median, 'ms')
  const beside = `CPU ${cpu}, at most ${figureText(peakMb, 'MB')}`
  const row = { benchmark: 'start', name, figure, beside, spread }
  return { ...row, unit: 'ms', ...(goalMax === undefined ? {} : { goalMax }) }
}

async function startOnce(folder: string, tokenCount: number): Promise<Start> {
  const began = performance.now()
  const { port } = upstream.address() as AddressInfo // it listens on TCP
  const node = await serveNode(folder, port, { program })
  try {
    await allowed(node.url, storedToken(tokenCount - 1))
    const readyMs = performance.now() - began
    return { readyMs, ...node.usage() }
  } finally {
    await node.stop()
  }
}

/** The newest token works, so every one before it is known. */
function allowed(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, origin: 'https://staging.example.com' }
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) resolve()
      else reject(new Error(`expected 200, got ${answer.statusCode}`))
    })
      .on('error', reject)
      .end()
  })
}
