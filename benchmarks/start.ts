/**
 * How soon a node is ready: `node benchmarks/start.ts [TOKENS…]` (default 100000 1000000) fills a data
 * folder with that many tokens and starts `keyfence serve` on it, five times each. Ready is when a
 * known token's first request has been answered 200. Goals: 2 s at 100,000 tokens, 5 s at 1,000,000.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { openSqlite } from '../packages/server/src/store/sqlite/open-sqlite.ts'

const PROGRAM = join(import.meta.dirname, '../packages/server/bin/keyfence.js')
const STARTS = 5
const GOALS_MS = new Map([
  [100_000, 2000],
  [1_000_000, 5000],
])

const counts = process.argv.slice(2).map(Number)
const upstream = createServer((_request, response) => response.end())
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')
console.log('| tokens | ready ms (median) | slowest ms | goal ms | peak memory MB |')
console.log('| --- | --- | --- | --- | --- |')
for (const tokens of counts.length > 0 ? counts : GOALS_MS.keys()) await measure(tokens)
upstream.close()

async function measure(tokens: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-start-'))
  try {
    await fill(folder, tokens)
    const starts: { readyMs: number; peakMb: number }[] = []
    for (let start = 0; start < STARTS; start++) starts.push(await startOnce(folder, tokens))
    const times = starts.map(({ readyMs }) => readyMs).toSorted((one, other) => one - other)
    const peakMb = Math.max(...starts.map((start) => start.peakMb))
    const cells = [
      tokens,
      times[STARTS >> 1]?.toFixed(0),
      times.at(-1)?.toFixed(0),
      GOALS_MS.get(tokens) ?? '',
      peakMb.toFixed(0),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Tokens with two domains and an address each, as a provider might have; SQL, because it is quick. */
async function fill(folder: string, tokens: number): Promise<void> {
  const store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
  await store.close()
  const database = new DatabaseSync(join(folder, 'keyfence.db'))
  database.exec('pragma synchronous = off; begin')
  const token = database.prepare(
    `insert into tokens values (?, 'shop', 'owner-' || ?, 'kf_…0000', '{"plan":"pro"}', 0, null, null, null, 'active', 'enforce', 1, 0, 1)`,
  )
  const secret = database.prepare('insert into secrets values (?, ?, 0, null)')
  const entry = database.prepare('insert into entries values (?, ?, ?, ?, ?, ?)')
  const change = database.prepare('insert into changes (token_id, created_at) values (?, 0)')
  for (let at = 0; at < tokens; at++) {
    const id = `tok_${at.toString(16).padStart(32, '0')}`
    token.run(id, at % 10_000)
    secret.run(createHash('sha256').update(`token-${at}`).digest('hex'), id)
    entry.run(id, 'domains', 0, `shop-${at % 50_000}.example`, 1, 'shop')
    entry.run(id, 'domains', 1, 'staging.example.com', 0, '')
    entry.run(id, 'ips', 0, `8.${at % 200}.${at % 250}.1`, 0, '')
    change.run(id)
  }
  database.exec('commit; pragma wal_checkpoint(truncate)')
  database.close()
}

async function startOnce(
  folder: string,
  tokens: number,
): Promise<{ readyMs: number; peakMb: number }> {
  const began = performance.now()
  const { port } = upstream.address() as AddressInfo // it listens on TCP
  const child = spawn(
    process.execPath,
    [
      PROGRAM,
      'serve',
      `--data=${folder}`,
      '--listen=127.0.0.1:0',
      '--admin-listen=127.0.0.1:0',
      `--upstream=http://127.0.0.1:${port}`,
      '--log-level=error',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const listensAt = /requests +(http:\S+)/.exec(line)?.[1]
    if (listensAt === undefined) continue
    await allowed(listensAt, `token-${tokens - 1}`)
    break
  }
  const readyMs = performance.now() - began
  const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
  child.kill()
  await once(child, 'exit')
  return { readyMs, peakMb: Number(peakKb) / 1024 }
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
