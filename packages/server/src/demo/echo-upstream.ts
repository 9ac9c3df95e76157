import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small API to stand behind the demo. */
export interface EchoUpstream {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  close(): Promise<void>
}

/** Starts an API on a free loopback port that answers what it received, as JSON. */
export async function startEchoUpstream(): Promise<EchoUpstream> {
  const server = createServer(echo)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  let bodyBytes = 0
  request.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length
  })
  request.on('end', () => {
    const received = {
      method: request.method,
      target: request.url,
      headers: request.headers,
      bodyBytes,
    }
    response.setHeader('Content-Type', 'application/json')
    response.end(`${JSON.stringify({ hello: 'from the demo API', received }, null, 2)}\n`)
  })
}
