import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { fieldValues, type HeaderFields, lowerCaseAscii, trimBlanks } from '@keyfence/core'
import { hasBody } from './own-answer.ts'

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
  return offersWebSocket(request.rawHeaders)
}

/** Whether `websocket` is among the protocols that `Upgrade` offers (RFC 9110 §7.8). */
export function offersWebSocket(fields: HeaderFields): boolean {
  for (const offers of fieldValues(fields, 'upgrade')) {
    for (const offer of offers.split(',')) {
      if (lowerCaseAscii(trimBlanks(offer)) === 'websocket') return true
    }
  }
  return false
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
