import { connect } from 'node:net'

/** An answer as its octets say it. */
export interface RawAnswer {
  /** 0 if the connection ended without an answer. */
  readonly status: number
  /** Lower-cased names; the last line of a name counts. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Sends octets as they are and reads until the other side closes.
 * @param from the local address to call from, so that a test can be a trusted proxy.
 */
export async function sendRaw(url: string, octets: string, from = '127.0.0.1'): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), localAddress: from })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A server that has said no may reset what is still being sent.
  socket.on('error', () => socket.destroy())
  socket.write(Buffer.from(octets, 'latin1'))
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return parseAnswer(Buffer.concat(chunks).toString('latin1'))
}

/** A `GET` with these field lines, the last on its connection. */
export function getRequest(lines: readonly string[], target = '/'): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: api.example',
    'Connection: close',
    ...lines,
    '',
    '',
  ].join('\r\n')
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
  }
}
