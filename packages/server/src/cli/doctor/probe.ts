import { type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** A request that the doctor sends through a proxy. */
export interface Probe {
  readonly method: 'GET' | 'OPTIONS'
  /** Behind the URL's own path. */
  readonly path: string
  readonly fields: OutgoingHttpHeaders
  /** Parameters behind those of the URL. */
  readonly query: readonly (readonly [name: string, value: string])[]
}

/** What came back; names of fields are in lower case. */
export interface ProbeAnswer {
  readonly status: number
  readonly fields: IncomingMessage['headers']
  readonly body: string
}

const ANSWER_TIMEOUT_MS = 10_000
const BODY_BYTES_MAX = 65_536

/** Sends it, on a connection of its own. @throws what kept it from an answer */
export function sendProbe(url: URL, { method, path, fields, query }: Probe): Promise<ProbeAnswer> {
  const target = new URL(url)
  target.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
  for (const [name, value] of query) target.searchParams.append(name, value)
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const options = { method, headers: fields, agent: false, timeout: ANSWER_TIMEOUT_MS }
    const outgoing = request(target, options, (incoming) => {
      readText(incoming).then((body) => resolve(answerOf(incoming, body)), reject)
    })
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy()
      resolve(answerOf(incoming, ''))
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): ProbeAnswer {
  return { status: statusCode, fields: headers, body }
}

/** Of a body that is larger than any of ours, the beginning will do. */
async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) break
  }
  return Buffer.concat(chunks).toString()
}
