import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { received } from '../issued-tokens.ts'

/** A request as `node:http` hands it to an application, and the answer that waits to be written. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** One end of a connection on this machine: requests that never travelled have its address. */
export async function connectedSocket(): Promise<Socket & AsyncDisposable> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  const client = connect(address.port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket] // what a server is told of
  return Object.assign(socket, {
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      socket.destroy()
      await once(server.close(), 'close')
    },
  })
}

/**
 * An exchange whose request has these field lines. The answer is made in memory and goes nowhere, so
 * that no round waits for a kernel.
 */
export function exchangeOf(socket: Socket, target: string, fields: readonly string[]): Exchange {
  const request = new IncomingMessage(socket)
  request.method = 'GET'
  request.url = target
  request.httpVersionMajor = request.httpVersionMinor = 1
  request.httpVersion = '1.1'
  // What Node's parser calls, so that `rawHeaders` is there and `headers` is made once somebody asks.
  const parsed = request as ParsedMessage // the method is there, and in no type
  parsed['_addHeaderLines']([...fields], fields.length)
  request.complete = true
  request.push(null)
  return { request, response: new ServerResponse(request) }
}

type ParsedMessage = IncomingMessage &
  Record<'_addHeaderLines', (fields: string[], count: number) => void>

/** The field lines of a page's request with a token. */
export function pageFields(token: string, domain: string): readonly string[] {
  return [...COMMON, received(`Bearer ${token}`), ORIGIN, received(`https://${domain}`)]
}

const ORIGIN = received('Origin')
const COMMON = [
  'Host',
  'api.example',
  'User-Agent',
  'Mozilla/5.0 (X11; Linux x86_64)',
  'Accept',
  '*/*',
  'Accept-Encoding',
  'gzip',
  'Sec-Fetch-Site',
  'cross-site',
  'Sec-Fetch-Mode',
  'cors',
  'Authorization',
].map(received)
