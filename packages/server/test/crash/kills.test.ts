/** Fault F12 of docs/reliability.md: SIGKILL at any moment. By hand: `KILLS=1000 SEED=… vitest run kills`. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killRepeatedly } from './killed-node.ts'
import { type NodeProcess, startNodeProcess } from './node-process.ts'
import { rowsInFolder } from './stored-tokens.ts'

// How long a run by hand is, and which one is repeated, is said where it is started.
const { KILLS, SEED } = process.env
const kills = Number(KILLS ?? 200)
const seed = Number(SEED ?? Date.now() % 2 ** 31)
/** Data folders side by side: a start keeps one of two cores busy. */
const LANES = 2
/** What a failed test leaves running. */
const running = new Set<NodeProcess>()

let upstream: Server
let upstreamPort: number

beforeAll(async () => {
  upstream = createServer((_request, response) => response.end())
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  upstreamPort = (upstream.address() as AddressInfo).port // it listens on TCP
})

afterAll(async () => {
  await Promise.all([...running].map((node) => node.stop('SIGKILL')))
  upstream.closeAllConnections()
  upstream.close()
})

test(
  `of ${kills} kills while writing (seed ${seed}) none loses or tears what was acknowledged`,
  async () => {
    const lanes = Array.from({ length: LANES }, (_, lane) => killInFolder(seed + lane))
    const changes = await Promise.all(lanes)
    // Killing a node that never wrote would show nothing.
    expect(Math.min(...changes)).toBeGreaterThan(kills / LANES)
  },
  60_000 + kills * 3000,
)

async function killInFolder(laneSeed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-crash-'))
  const start = (): NodeProcess => {
    const node = startNodeProcess({ folder, upstreamPort })
    running.add(node)
    return node
  }
  try {
    return await killRepeatedly(Math.ceil(kills / LANES), {
      start,
      openRows: () => rowsInFolder(folder),
      seed: laneSeed,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
