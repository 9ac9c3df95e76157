import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startNode } from '../../src/node/start-node.ts'
import { nodeConfig } from '../node-config.ts'
import { type Answered, MANAGEMENT_KEY, send } from '../running-keyfence.ts'

/** A node in this process, whose clocks the test sets. It polls ten times a second. */
export interface NodeAtTime {
  readonly folder: string
  /** Milliseconds. What is not set stands still. */
  readonly time: { wall: number; monotonic: number }
  /** Creates a token. */
  token(more?: object): Promise<{ readonly id: string; readonly secret: string }>
  manage(method: string, path: string, body?: object): Promise<Managed>
  /** Sends a request to the data listener. */
  send(headers: Readonly<Record<string, string>>): Promise<Answered>
  /** The status of a server's request with that token. */
  status(token: string): Promise<number>
  close(): Promise<void>
}

interface Managed {
  readonly status: number
  /** Members that tests read. */
  readonly body: { readonly id: string; readonly secret: string; readonly code: string }
}

/** Starts one before an API that answers 200. */
export async function startNodeAt(): Promise<NodeAtTime> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-time-'))
  const time = { wall: Date.parse('2026-11-24T12:00:00Z'), monotonic: 1_000_000 }
  const api = createServer((_request, response) => response.end())
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const { port } = api.address() as AddressInfo // it listens on TCP
  const node = await startNode({
    config: nodeConfig(folder, {
      upstream: `http://127.0.0.1:${port}`,
      'poll-interval-ms': '100',
    }),
    clock: { now: () => time.wall, monotonicMs: () => time.monotonic },
    random: randomBytes,
    log: pino({ level: 'silent' }),
    version: '0',
  })
  const sendTo = (headers: Readonly<Record<string, string>>) =>
    send(`http://127.0.0.1:${node.dataAddress?.port}/`, { headers })
  const manage: NodeAtTime['manage'] = async (method, path, body) => {
    const answer = await send(`http://127.0.0.1:${node.adminPort}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${MANAGEMENT_KEY}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: JSON.parse(answer.body) }
  }
  return {
    folder,
    time,
    token: async (more = {}) =>
      (await manage('POST', '/v1/tokens', { name: 'shop', owner: 'acme', ...more })).body,
    manage,
    send: sendTo,
    status: async (token) => (await sendTo({ 'x-api-key': token })).status,
    close: async () => {
      await node.close()
      api.closeAllConnections()
      await new Promise((resolve) => api.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
