import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sha256Hex } from '../src/hash/sha256.ts'
import type { Guard, GuardWorld } from '../src/index.ts'

/** A key of the right shape, which nobody checks here. */
export const KEY = `kfm_${'a'.repeat(40)}`

/** What Keyfence answers in a test: a page, or whatever else can arrive. */
export type FeedReply = (request: IncomingMessage, response: ServerResponse) => void

/** Something that answers like Keyfence, on a real socket, with what a test puts in its mouth. */
export interface RunningFeed {
  readonly url: string
  /** Queries of the feed, and bodies of what was reported, in order. */
  readonly asked: URLSearchParams[]
  readonly reported: { readonly body: string; readonly key: string | undefined }[]
  /** What the feed answers from here on. */
  reply: FeedReply
  /** What reports are answered. */
  reportStatus: number
  close(): Promise<void>
}

export async function startFeed(): Promise<RunningFeed> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (pathname === '/v1/feed') {
      feed.asked.push(searchParams)
      feed.reply(request, response)
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const key = request.headers['idempotency-key']
      feed.reported.push({ body: Buffer.concat(chunks).toString(), key: key?.toString() })
      response.writeHead(feed.reportStatus).end('{}')
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  const feed: RunningFeed = {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    reported: [],
    reply: sends(page({ changes: [] })),
    reportStatus: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return feed
}

/** Answers with this, as JSON. */
export function sends(body: unknown): FeedReply {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }
}

/** A page of the feed; what is absent is usual. */
export function page(members: {
  readonly epoch?: string
  readonly after?: number
  readonly revision?: number
  readonly changes: readonly { readonly revision: number }[]
}) {
  const { epoch = 'one', after = 0, changes } = members
  const revision = members.revision ?? changes.at(-1)?.revision ?? after
  return { epoch, after, revision, head: revision, settings: SETTINGS, changes }
}

const SETTINGS = {
  tokenPrefix: 'kf_',
  tokenFields: [{ name: 'authorization', scheme: 'bearer' }],
  tokenQuery: null,
  httpsOriginsOnly: false,
  forwardMetadata: true,
}

/** Time that only a test moves, and pauses that only a test ends. */
export interface TestWorld extends GuardWorld {
  readonly time: { wall: number; monotonic: number }
  /** The pauses that run, by their length in milliseconds. */
  readonly pauses: { readonly ms: number; readonly end: () => void }[]
  /** Resolves when the next pause begins. */
  nextPause(): Promise<void>
}

export function testWorld(): TestWorld {
  const time = { wall: 1_800_000_000_000, monotonic: 1_000 }
  const pauses: { readonly ms: number; readonly end: () => void }[] = []
  const begun: (() => void)[] = []
  let octets = 0
  return {
    time,
    pauses,
    nextPause: () =>
      new Promise((resolve) => {
        begun.push(resolve)
      }),
    now: () => time.wall,
    monotonicMs: () => time.monotonic,
    fetch: (url, request) => fetch(url, request),
    random: () => 0.5,
    randomBytes: (size) => new Uint8Array(size).fill(octets++ % 256),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve()
        pauses.push({ ms, end: resolve })
        for (const tell of begun.splice(0)) tell()
        signal.addEventListener('abort', () => resolve())
      }),
  }
}

/** A token that may be used anywhere, as the feed tells of it. */
export function saved(revision: number, name: string, members: object = {}) {
  return {
    kind: 'saved',
    revision,
    tokenId: `tok_${name}`,
    secrets: [{ hash: sha256Hex(name), endsAt: null }],
    owner: 'alice',
    metadata: {},
    status: 'active',
    mode: 'enforce',
    notBefore: null,
    expiresAt: null,
    domains: { enabled: false, entries: [] },
    ips: { enabled: false, entries: [] },
    ...members,
  }
}

/** What the guard says of a request with this token, in a word. */
export function reasonOf(guard: Guard, token: string): string {
  const decision = guard.decide({
    method: 'GET',
    target: '/orders?q=1',
    fields: ['Authorization', `Bearer ${token}`],
    peer: '8.8.8.8',
  })
  if (decision.effect === 'preflight') throw new Error('no preflight was sent')
  return decision.reason
}
