import { fieldValues, TOKEN_SUBPROTOCOL_PREFIX, trimBlanks } from '@keyfence/core'
import { headText } from '../http1/answer-text.ts'
import type { WebSocketHandshake } from '../listener/web-socket-handshake.ts'
import type { Passage } from './passage.ts'
import { callerFields } from './response-fields.ts'

/** Sends the 101, with the fields of the upstream's. */
export function acceptHandshake(
  { socket }: WebSocketHandshake,
  upstreamFields: readonly string[],
  passage: Passage,
): void {
  const options = { sharedCaching: true, isChunked: false, isWithoutContent: true }
  const fields = callerFields(upstreamFields, passage, options)
  if (fieldValues(fields, SUBPROTOCOL).length === 0) {
    const offer = soleTokenOffer(passage)
    if (offer !== undefined) fields.push('Sec-WebSocket-Protocol', offer)
  }
  fields.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  socket.write(headText(101, fields), 'latin1')
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
