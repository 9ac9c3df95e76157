import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Reading } from './read-buffer.ts'

/** Where connections go. */
export interface UpstreamPlace {
  /** `Host` for it. */
  readonly authority: string
  /** Opens a connection that reads into the buffers of `onread`. */
  connect(onread: Reading, onReady: () => void): Socket
}

/** @param upstream of which a path is not looked at. */
export function upstreamPlace(upstream: URL): UpstreamPlace {
  const { host, protocol } = upstream
  const isTls = protocol === 'https:'
  const place = {
    host: upstream.hostname.replace(/^\[|\]$/g, ''),
    port: upstream.port === '' ? (isTls ? 443 : 80) : Number(upstream.port),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  }
  const session: { last: Buffer | undefined } = { last: undefined }
  const connect = (onread: Reading, onReady: () => void): Socket => {
    const options = { ...place, onread }
    if (!isTls) return connectTcp(options, onReady)
    return resuming(session, (last) =>
      connectTls(
        { ...options, ...tlsName(place.host), ...last, ALPNProtocols: ['http/1.1'] },
        onReady,
      ),
    )
  }
  return { authority: host, connect }
}

/**
 * Node destroys a socket that cannot be written to, and with it what the other side has said already.
 * @param onUnwritable whether that is to be read all the same: nothing is written any more, and what
 * happens to the connection is told by reading.
 */
export function sparingReads(socket: Socket, onUnwritable: () => boolean): void {
  const told =
    (done: Done): Done =>
    (error) => {
      if (error === null || error === undefined || !onUnwritable()) done(error)
      else done()
    }
  // oxlint-disable no-underscore-dangle -- the names of what a stream of Node's writes by
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  socket._write = (chunk, encoding, done) => write(chunk, encoding, told(done))
  socket._writev = (chunks, done) => writev?.(chunks, told(done))
  // oxlint-enable no-underscore-dangle
}

type Done = (error?: Error | null) => void

/** Until the system asks a silent peer whether it is still there. */
const TCP_KEEP_ALIVE_MS = 60_000

/** TLS knows no names that are addresses (RFC 6066 §3): the certificate is then asked for the address. */
function tlsName(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}

/** A connection that resumes the last session spares both sides most of the handshake. */
function resuming(
  session: { last: Buffer | undefined },
  connect: (last: { readonly session?: Buffer }) => TLSSocket,
): TLSSocket {
  const socket = connect(session.last === undefined ? {} : { session: session.last })
  return socket.on('session', (latest: Buffer) => {
    session.last = latest
  })
}
