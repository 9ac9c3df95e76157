import { mkdirSync } from 'node:fs'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { storedToken } from './filled-store.ts'
import type { ProcessUsage } from './process-usage.ts'
import { type ServedNode, serveNode } from './served-node.ts'

/** One of several nodes on a database. */
export interface FleetNode extends ServedNode {
  /** From the start of the process until it answered for the newest token. */
  readonly readyMs: number
  /** What it had used by then. */
  readonly starting: ProcessUsage
  /** The status of its answer to a page's request with that token, over connections that are kept. */
  statusOf(token: string): Promise<number | undefined>
}

export interface FleetNodeOptions {
  /** Of its own. */
  readonly folder: string
  readonly upstreamPort: number
  readonly databaseUrl: string
  /** Kills it. */
  readonly signal: AbortSignal
  /** Of a filled store. */
  readonly newestToken: number
}

/** Starts a node of two workers. @throws if it does not know the newest token once it listens */
export async function startFleetNode(options: FleetNodeOptions): Promise<FleetNode> {
  const { folder, upstreamPort, databaseUrl, signal, newestToken } = options
  mkdirSync(folder, { recursive: true })
  const began = performance.now()
  const node = await serveNode(folder, upstreamPort, {
    databaseUrl,
    flags: ['--workers=2'],
    signal,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const statusOf = (token: string) => askedStatus(agent, { url: node.url, token })
  const status = await statusOf(storedToken(newestToken))
  if (status !== 200) throw new Error(`a node that listens answered ${status}, not 200`)
  return {
    ...node,
    readyMs: performance.now() - began,
    starting: node.usage(),
    statusOf,
    stop: async () => {
      agent.destroy()
      await node.stop()
    },
  }
}

async function askedStatus(
  agent: Agent,
  { url, token }: { readonly url: string; readonly token: string },
): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${token}`, origin: 'https://staging.example.com' }
  const outgoing = request(url, { agent, headers })
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage] // what it emits
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode
}
