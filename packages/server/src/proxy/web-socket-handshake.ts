import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { fieldValues, TOKEN_SUBPROTOCOL_PREFIX, trimBlanks } from '@keyfence/core'
import { hasBody, headOf } from './own-answer.ts'
import type { Passage } from './passage.ts'
import { callerFields } from './response-fields.ts'

/** A connection whose caller asked for a WebSocket. */
export interface WebSocketHandshake {
  readonly socket: Socket
  /** What the caller sent right behind its request. */
  readonly head: Buffer
}

/**
 * Whether a request that offers an upgrade opens a WebSocket (RFC 6455 §4.1). Any other upgrade is
 * not taken: Java's HttpClient offers h2c with every plain request. Neither is one with a body,
 * whose octets would be taken for frames.
 */
export function isWebSocketHandshake(request: IncomingMessage): boolean {
  if (request.method !== 'GET' || hasBody(request)) return false
  const offers = (request.headers.upgrade ?? '').split(',')
  return offers.some((offer) => trimBlanks(offer).toLowerCase() === 'websocket')
}

/**
 * The response on a connection that Node has let go of, for whatever is not a 101. It closes the
 * connection when it is finished.
 */
export function handshakeResponse(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  // Without a listener an error would end the process; `close` follows and is listened to.
  socket.on('error', () => undefined)
  socket.on('drain', () => response.emit('drain'))
  socket.on('timeout', () => socket.destroy())
  response.assignSocket(socket)
  response.once('finish', () => socket.destroySoon())
  return response
}

/** Sends the 101, with the fields of the upstream's. */
export function acceptHandshake(
  { socket }: WebSocketHandshake,
  upstreamFields: readonly string[],
  passage: Passage,
): void {
  const options = { sharedCaching: true, isChunked: false }
  const fields = callerFields(upstreamFields, passage, options)
  if (fieldValues(fields, SUBPROTOCOL).length === 0) {
    const offer = soleTokenOffer(passage)
    if (offer !== undefined) fields.push('Sec-WebSocket-Protocol', offer)
  }
  fields.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  socket.write(headOf(101, fields), 'latin1')
}

const SUBPROTOCOL = 'sec-websocket-protocol'

/**
 * The token's subprotocol where nothing else was offered. Browsers fail a handshake when none of
 * what they offered is accepted, and the upstream has not seen this one.
 */
function soleTokenOffer(passage: Passage): string | undefined {
  const values = fieldValues(passage.request.fields, SUBPROTOCOL)
  const [offer, ...others] = values.flatMap((value) => value.split(',')).map(trimBlanks)
  return others.length === 0 && offer?.startsWith(TOKEN_SUBPROTOCOL_PREFIX) ? offer : undefined
}
