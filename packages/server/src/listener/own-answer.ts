import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Answer, echoableOrigin, type Evidence } from '@keyfence/core'
import { answerFields, headText } from '../http1/answer-text.ts'

/** The statuses that a data listener answers with by itself, refusals (core) and preflights apart. */
export type FailureStatus = 400 | 404 | 405 | 408 | 413 | 417 | 431 | 502 | 503 | 504

/**
 * The answer to what cannot be served: JSON, not stored, and as readable by the page that asked as
 * a refusal is.
 * @param request `undefined` where nothing of the request could be read.
 */
export function failureAnswer(
  status: FailureStatus,
  request: { readonly evidence: Evidence; readonly requestId: string | undefined } | undefined,
): Answer {
  const origin = request === undefined ? undefined : echoableOrigin(request.evidence)
  const headers: [string, string][] = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ]
  if (request?.requestId !== undefined) headers.push(['Keyfence-Request-Id', request.requestId])
  if (status === 503) headers.push(['Retry-After', '1'])
  if (origin !== undefined) {
    headers.push(
      ['Access-Control-Allow-Origin', origin],
      ['Access-Control-Expose-Headers', 'Retry-After, Keyfence-Request-Id'],
    )
  }
  headers.push(['Vary', 'Origin'])
  return { status, headers, body: JSON.stringify({ error: FAILURES[status] }) }
}

/**
 * Sends an answer of our own. The connection is closed after it if the request announces a body:
 * nobody reads that.
 */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): void {
  const { status, body } = answer
  const fields = answerFields(answer)
  if (hasBody(request)) {
    fields.push('Connection', 'close')
    answeredLast.add(request.socket)
  }
  response.writeHead(status, fields)
  // As text it leaves in one write with the header section. To HEAD, Node sends no body.
  response.end(body)
}

/** Whether an answer of ours there said that it is the last: what is wrong behind it gets none. */
export function isAnsweredLast(socket: Duplex): boolean {
  return answeredLast.has(socket)
}

const answeredLast = new WeakSet<Duplex>()

/** Writes an answer where there is no `ServerResponse`, and closes the connection. */
export function writeAnswer(socket: Duplex, answer: Answer): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const fields = [...answerFields(answer), 'Connection', 'close']
  socket.end(`${headText(answer.status, fields)}${answer.body}`, 'latin1', () => socket.destroy())
}

/** Whether the request announces a body (RFC 9112 §6). */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

const FAILURES: Record<FailureStatus, string> = {
  400: 'Malformed request.',
  404: 'There is nothing here.',
  405: 'Method not allowed.',
  408: 'The request took too long to arrive.',
  413: 'Request too large.',
  417: 'Expectation not met.',
  431: 'Request header fields too large.',
  502: 'The upstream cannot be reached.',
  503: 'Temporarily unavailable.',
  504: 'The upstream took too long to answer.',
}
