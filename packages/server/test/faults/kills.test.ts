/** Fault F12 of docs/reliability.md on PostgreSQL. By hand: `KILLS=1000 SEED=… vitest run faults/kills`. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { killRepeatedly } from '../crash/killed-node.ts'
import { type NodeProcess, startNodeProcess } from '../crash/node-process.ts'
import type { StoredRows } from '../crash/stored-tokens.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'

// How long a run by hand is, and which one is repeated, is said where it is started.
const { KILLS, SEED } = process.env
const kills = Number(KILLS ?? (IS_FULL_LENGTH ? 1000 : 12))
const seed = Number(SEED ?? Date.now() % 2 ** 31)
/** What a failed test leaves running. */
const running = new Set<NodeProcess>()

let server: RunningPostgres
let upstream: Server
let folder: string

beforeAll(async () => {
  server = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'keyfence-crash-'))
  upstream = createServer((_request, response) => response.end())
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
})

afterAll(async () => {
  await Promise.all([...running].map((node) => node.stop('SIGKILL')))
  upstream.closeAllConnections()
  upstream.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test(
  `of ${kills} kills while writing (seed ${seed}) none loses or tears what was acknowledged`,
  async () => {
    const url = await server.createDatabase()
    const { port } = upstream.address() as AddressInfo // it listens on TCP
    const start = (): NodeProcess => {
      const env = { KEYFENCE_DATABASE_URL: url }
      const node = startNodeProcess({ folder, upstreamPort: port, env })
      running.add(node)
      return node
    }
    const changes = await killRepeatedly(kills, { start, openRows: () => rowsIn(url), seed })
    recordFault({
      fault: 'F12',
      done: `SIGKILL ${kills} times while a node writes to PostgreSQL or starts`,
      promised: 'nothing acknowledged is lost, nothing is torn',
      seen: `${changes} changes acknowledged, 0 lost, 0 torn`,
    })
    // Killing a node that never wrote would show nothing.
    expect(changes).toBeGreaterThan(kills)
  },
  60_000 + kills * 10_000,
)

function rowsIn(url: string): StoredRows {
  return {
    read: (statement, ...parameters) => server.run(url, statement.replace('?', '$1'), parameters),
    // The server was not killed.
    damage: async () => [],
    close: async () => {},
  }
}
