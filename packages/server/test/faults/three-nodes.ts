import { hash } from 'node:crypto'
import type { RunningPostgres } from '../../src/store/postgres/running-postgres.ts'
import {
  type ManagementAnswer,
  manage,
  type RunningKeyfence,
  send,
  startKeyfence,
} from '../running-keyfence.ts'
import { startRelay, type TcpRelay } from './tcp-relay.ts'

/** Three `keyfence serve` on one database, each of which has a way of its own to it. */
export interface ThreeNodes {
  /** The database's URL, past every relay. */
  readonly url: string
  readonly nodes: readonly [FaultyNode, FaultyNode, FaultyNode]
  readonly relays: readonly TcpRelay[]
  /** Creates a token, and resolves when all three accept it. */
  issue(): Promise<IssuedToken>
  /** The same of so many. */
  issueMany(count: number): Promise<readonly IssuedToken[]>
  /** Ends the processes and what lies between. */
  close(): Promise<void>
}

/** A node and what lies between it and its database. */
export interface FaultyNode extends RunningKeyfence {
  readonly relay: TcpRelay
}

export interface IssuedToken {
  readonly id: string
  readonly secret: string
}

/** Starts three nodes on a new database; resolves when they listen, and no later. */
export async function startThreeNodes(
  server: RunningPostgres,
  flags: readonly string[] = [],
): Promise<ThreeNodes> {
  const url = await server.createDatabase()
  const relays = await Promise.all([1, 2, 3].map(() => startRelay(server.port)))
  const started = relays.map((relay) => startNodeBehind(relay, { url, flags }))
  const nodes = (await Promise.all(started)) as unknown as ThreeNodes['nodes'] // one for each relay
  return {
    url,
    nodes,
    relays,
    issue: () => issueAtAll(nodes),
    issueMany: (count) => issueManyAtAll(nodes, count),
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()))
      await Promise.all(relays.map((relay) => relay.close()))
    },
  }
}

/** Starts one more node, whose way to the database is the relay. */
export async function startNodeBehind(
  relay: TcpRelay,
  { url, flags }: { readonly url: string; readonly flags: readonly string[] },
): Promise<FaultyNode> {
  const through = new URL(url)
  through.port = String(relay.port)
  const node = await startKeyfence({ env: { KEYFENCE_DATABASE_URL: through.href }, flags })
  return { ...node, relay }
}

async function issueAtAll(nodes: ThreeNodes['nodes']): Promise<IssuedToken> {
  const { body } = await changed(nodes[0], 'POST /v1/tokens', { name: 'x', owner: 'acme' })
  for (const node of nodes) await until(async () => (await statusAt(node, body.secret)) === 200)
  return { id: body.id, secret: body.secret }
}

async function issueManyAtAll(
  nodes: ThreeNodes['nodes'],
  count: number,
): Promise<readonly IssuedToken[]> {
  const tokens: IssuedToken[] = []
  while (tokens.length < count - 1) {
    const { body } = await changed(nodes[0], 'POST /v1/tokens', { name: 'x', owner: 'acme' })
    tokens.push({ id: body.id, secret: body.secret })
  }
  // Changes are applied in their order: who accepts the last one accepts all.
  return [...tokens, await issueAtAll(nodes)]
}

/** Asks for a change until it is not refused for a moment: that is safe for what tests ask twice. */
export async function changed(
  node: RunningKeyfence,
  call: Parameters<typeof manage>[1],
  body: object = {},
): Promise<ManagementAnswer> {
  for (;;) {
    const answer = await manage(node, call, body)
    if (answer.status !== 503) return answer
  }
}

const TOKENS_OF_A_CALL = 1000

/** Imports tokens with the keys that `keyOf` gives, a thousand to a call. */
export async function importTokens(
  node: RunningKeyfence,
  tokens: {
    readonly keyOf: (at: number) => string
    readonly owner: string
    readonly count: number
  },
): Promise<void> {
  const { keyOf, owner, count } = tokens
  for (let first = 0; first < count; first += TOKENS_OF_A_CALL) {
    const some = Array.from({ length: Math.min(TOKENS_OF_A_CALL, count - first) }, (_, at) => ({
      name: `imported ${first + at}`,
      owner,
      hash: hash('sha256', keyOf(first + at)),
    }))
    const { status } = await changed(node, 'POST /v1/tokens/import', { tokens: some })
    if (status !== 201) throw new Error(`tokens were not imported: ${status}`)
  }
}

/** The status of a server's request with that token. */
export async function statusAt({ url }: RunningKeyfence, token: string): Promise<number> {
  return (await send(url, { headers: { 'x-api-key': token } })).status
}

/** Asks until it is so; the test's own limit is the only one. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
