import { once } from 'node:events'
import {
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as connectNet } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Answered, answeredOf, readAll } from '../../src/proxy/proxy-fixture.ts'
import { LISTED } from './example-world.ts'

const HOST = 'api.example'

/** A request to a proxy, as its octets say it. */
export interface ExampleRequest {
  /** `GET /orders` by default. */
  readonly line?: string
  readonly lines: readonly string[]
  /** The caller's address. */
  readonly from?: string | undefined
}

/** Opens a TLS connection from an address of loopback. */
export async function dialTls(
  port: number,
  from = LISTED,
  protocol = 'http/1.1',
): Promise<TLSSocket> {
  const plain = connectNet({ port, host: '127.0.0.1', localAddress: from })
  const options = { socket: plain, servername: HOST, rejectUnauthorized: false }
  const socket = connectTls({ ...options, ALPNProtocols: [protocol] })
  socket.on('error', () => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** Sends one request over HTTP/1.1, and reads until the proxy ends. */
export async function askExample(port: number, request: ExampleRequest): Promise<Answered> {
  const { line = 'GET /orders?a=b', lines, from } = request
  const socket = await dialTls(port, from)
  const head = [`${line} HTTP/1.1`, `Host: ${HOST}`, ...lines, 'Connection: close', '', '']
  socket.write(Buffer.from(head.join('\r\n'), 'latin1'))
  return unchunked(answeredOf(withoutInterim(await readAll(socket))))
}

/** The last answer of several: those before it say that the request goes on (RFC 9110 §15.2). */
function withoutInterim(text: string): string {
  return text.replace(/^(?:HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n)+/, '')
}

/** The body without its chunks; those of a test are small. */
function unchunked(answered: Answered): Answered {
  const isChunked = answered.fields.some(
    ([name, value]) => name.toLowerCase() === 'transfer-encoding' && value === 'chunked',
  )
  if (!isChunked) return answered
  let [rest, body] = [answered.body, '']
  for (;;) {
    const end = rest.indexOf('\r\n')
    const length = Number.parseInt(rest.slice(0, end), 16)
    if (!(length > 0)) return { ...answered, body }
    body += rest.slice(end + 2, end + 2 + length)
    rest = rest.slice(end + 2 + length + 2)
  }
}

/** Sends one request over HTTP/2. */
export async function askHttp2(
  port: number,
  fields: OutgoingHttpHeaders,
): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: string }> {
  const socket = await dialTls(port, LISTED, 'h2')
  const session = connectHttp2(`https://${HOST}`, { createConnection: () => socket })
  session.on('error', () => session.destroy())
  const stream = session.request(fields)
  stream.end()
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders] // its event
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  session.destroy()
  return { headers, body: Buffer.concat(chunks).toString() }
}
