import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net'
import {
  compileRestrictions,
  DEFAULT_CORS,
  type IpRange,
  type LookUpToken,
  parseIpAddressOrRange,
  type Restrictions,
  type TokenPolicy,
  UNRESTRICTED,
} from '@keyfence/core'
import type { Observation } from '../activity/observation.ts'
import { type RunningProxy, startProxy } from './proxy.ts'
import type { ProxyContext, ProxySettings } from './proxy-settings.ts'

/** A token without restrictions. */
export const TOKEN = 'customer-token-1'
/** A token for pages of shop.example alone. */
export const PAGE_TOKEN = 'customer-token-2'
/** A token for the server 203.0.113.7 alone. */
export const SERVER_TOKEN = 'customer-token-3'

export const BEARER = `Authorization: Bearer ${TOKEN}`

/** A policy that is valid at all times. */
export function policyOf(tokenId: string, restrictions: Restrictions = UNRESTRICTED): TokenPolicy {
  const compiled = compileRestrictions(restrictions)
  if (compiled === undefined) throw new Error('broken restrictions')
  return {
    tokenId,
    owner: 'acme:42',
    metadata: { plan: 'größe', tier: '1' },
    life: { status: 'active', notBefore: undefined, expiresAt: undefined },
    mode: 'enforce',
    restrictions: compiled,
  }
}

const OFF = { enabled: false, entries: [] }
const PAGES = { enabled: true, entries: [{ value: 'shop.example', subdomains: false, label: '' }] }
const SERVERS = { enabled: true, entries: [{ value: '203.0.113.7', label: '' }] }

/** The tokens above, changeable while a proxy runs. */
export function tokenTable(): Map<string, TokenPolicy> {
  return new Map([
    [TOKEN, policyOf('tok_1')],
    [PAGE_TOKEN, policyOf('tok_2', { domains: PAGES, ips: OFF })],
    [SERVER_TOKEN, policyOf('tok_3', { domains: OFF, ips: SERVERS })],
  ])
}

export function range(text: string): IpRange {
  const parsed = parseIpAddressOrRange(text)
  if (!parsed.ok) throw new Error(`no range: ${text}`)
  return parsed.value
}

type Changes = {
  readonly [Part in 'cors' | 'judge' | 'timeouts' | 'limits']?: Partial<ProxySettings[Part]>
} & Partial<Omit<ProxySettings, 'cors' | 'judge' | 'timeouts' | 'limits'>>

function settingsOf(upstream: URL, changes: Changes): ProxySettings {
  return {
    upstream,
    upstreamHost: undefined,
    openPaths: new Set(['/health']),
    forwardToken: false,
    forwardMetadata: false,
    sharedCaching: false,
    ...changes,
    cors: { ...DEFAULT_CORS, ...changes.cors },
    judge: {
      tokenFields: [
        { name: 'authorization', scheme: 'bearer' },
        { name: 'x-api-key', scheme: undefined },
      ],
      tokenQuery: undefined,
      tokenPrefix: 'kf_',
      trustedProxies: [],
      barePeer: 'is_client',
      httpsOriginsOnly: false,
      ...changes.judge,
    },
    timeouts: {
      headersMs: 5_000,
      requestMs: 0,
      keepAliveMs: 5_000,
      callerStalledMs: 0,
      upstreamConnectMs: 2_000,
      upstreamResponseMs: 5_000,
      upstreamIdleMs: 0,
      ...changes.timeouts,
    },
    limits: {
      connectionsMax: 1_000,
      headerBytesMax: 16_384,
      headerFieldsMax: 100,
      upstreamConnectionsMax: 50,
      ...changes.limits,
    },
  }
}

/** A proxy with what it told its observer and its log. */
export interface ProxyUnderTest extends AsyncDisposable {
  readonly running: RunningProxy
  readonly context: ProxyContext
  readonly port: number
  readonly observations: Observation[]
  readonly logged: unknown[]
  readonly tokens: Map<string, TokenPolicy>
  /** Whether what may pass is turned away. */
  readonly state: { sheds: boolean }
}

/** Starts a proxy before the upstream at that port. */
export async function proxyBefore(
  upstreamPort: number,
  changes: Changes = {},
): Promise<ProxyUnderTest> {
  const tokens = tokenTable()
  const observations: Observation[] = []
  const logged: unknown[] = []
  const lookUp: LookUpToken = (token) => {
    const policy = tokens.get(token)
    return policy === undefined
      ? { state: 'unknown' }
      : { state: 'known', policy, secretEndsAt: undefined }
  }
  const state = { sheds: false }
  let count = 0
  const log = (fields: object, message: string): void => void logged.push({ ...fields, message })
  const context: ProxyContext = {
    settings: settingsOf(new URL(`http://127.0.0.1:${upstreamPort}`), changes),
    lookUp,
    now: () => 0,
    requestId: () => `request-${++count}`,
    observe: (observation) => void observations.push(observation),
    sheds: () => state.sheds,
    log: { warn: log, error: log },
  }
  const running = await startProxy(context, { host: '127.0.0.1', port: 0 })
  return {
    running,
    context,
    port: running.address.port,
    observations,
    logged,
    tokens,
    state,
    [Symbol.asyncDispose]: async () => running.close({ drainMs: 0 }),
  }
}

/** Resolves when no request is in progress. */
export async function untilIdle({ running }: ProxyUnderTest): Promise<void> {
  while (running.openExchanges > 0) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}

/** A request as the upstream saw it. */
export interface Seen {
  readonly method: string
  readonly url: string
  /** Name and value pairs as received. */
  readonly fields: [name: string, value: string][]
  readonly body: string
}

export interface Upstream extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  readonly seen: Seen[]
}

/** Starts an upstream that notes each request and then answers with `respond`. */
export async function startUpstream(
  respond: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.end('hello'),
): Promise<Upstream> {
  const seen: Seen[] = []
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push(seenOf(request, Buffer.concat(chunks).toString('latin1')))
      respond(request, response)
    })
  })
  return { server, port: await listen(server), seen, ...disposing(server) }
}

/** Listens on a free port of loopback. */
export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  // Listening on a port, never on a path.
  return (server.address() as AddressInfo).port
}

/** The next connection that a server takes. */
export async function nextConnection(server: NetServer): Promise<Socket> {
  return new Promise((resolve) => {
    server.once('connection', resolve)
  })
}

/** The next request that a server gets. */
export async function nextRequest(server: Server): Promise<IncomingMessage> {
  return new Promise((resolve) => {
    server.once('request', resolve)
  })
}

export function seenOf(request: IncomingMessage, body: string): Seen {
  const { rawHeaders } = request
  const fields: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    fields.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  }
  return { method: request.method ?? '', url: request.url ?? '', fields, body }
}

/** The values of a field that the upstream saw, by exact lower-cased name. */
export function valuesOf(seen: Seen | undefined, name: string): string[] {
  return (seen?.fields ?? [])
    .filter(([seenName]) => seenName.toLowerCase() === name)
    .map(([, value]) => value)
}

function disposing(server: Server): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

/** Opens a connection and sends these octets (Latin-1). */
export async function dial(port: number, octets: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(octets, 'latin1')
  return socket
}

/** An answer as octets on the wire gave it. */
export interface Answered {
  readonly status: number
  readonly statusLine: string
  readonly fields: [name: string, value: string][]
  /** What follows the header section, framing and all. */
  readonly body: string
}

/** Sends request lines joined by CRLF (an empty line is added) and reads until the other side ends. */
export async function exchange(
  port: number,
  lines: readonly string[],
  body = '',
): Promise<Answered> {
  const socket = await dial(port, `${[...lines, 'Connection: close', '', ''].join('\r\n')}${body}`)
  return answeredOf(await readAll(socket))
}

/** `GET` of a path with the token and these fields. */
export async function get(port: number, path: string, ...fields: string[]): Promise<Answered> {
  return exchange(port, [`GET ${path} HTTP/1.1`, 'Host: api.example', BEARER, ...fields])
}

export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((resolve) => {
    socket.once('end', resolve)
    socket.once('close', resolve)
    socket.resume()
  })
  socket.destroy()
  return Buffer.concat(chunks).toString('latin1')
}

/** Resolves when the connection is closed, with an error or without. */
export async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.resume()
  })
}

/** Reads until the text received holds `mark`, and gives all of it. */
export async function readUntil(socket: Socket, mark: string): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!text.includes(mark)) return
      socket.off('data', onData)
      socket.pause()
      resolve(text)
    }
    socket.on('data', onData)
    socket.once('close', () => reject(new Error(`closed before ${JSON.stringify(mark)}: ${text}`)))
    socket.resume()
  })
}

export function answeredOf(text: string): Answered {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)]
  })
  return { status: Number(statusLine.split(' ')[1]), statusLine, fields, body: text.slice(end + 4) }
}

/** How {@link standsStill} is polled: on a busy machine buffers take long to fill. */
export const STALLED = { timeout: 30_000, interval: 100 } as const

/** To be polled: whether a count that has begun is what it was when it was last asked for. */
export function standsStill(count: () => number | undefined): () => boolean {
  let last: number | undefined
  return () => {
    const before = last
    last = count()
    return before !== undefined && before > 0 && before === last
  }
}

/** The values of a field of an answer, by exact lower-cased name. */
export function fieldsNamed(answered: Answered, name: string): string[] {
  return answered.fields.filter(([known]) => known.toLowerCase() === name).map(([, value]) => value)
}
