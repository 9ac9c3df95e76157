import { STATUS_CODES } from 'node:http'
import type { Answer } from '@keyfence/core'

/** What becomes of the connection, and whether a body may follow the head. */
export interface AnswerEnding {
  /** The request was `HEAD`: the body's length is told, and no body sent. */
  readonly isHead: boolean
  /** The connection is closed after this answer. */
  readonly isLast: boolean
  /** What an idle connection is kept for, as `Keep-Alive` tells it; `undefined`: not told. */
  readonly keepAliveS: number | undefined
  /** See {@link dateText}. */
  readonly date: string
}

/**
 * A whole answer, each character an octet (Latin-1): the fields that Node's HTTP server would send,
 * so that a proxy sees no difference. An answer that says nothing of caching is not to be stored.
 * @throws Error if a value could end its field: the answer is not to be sent.
 */
export function answerText({ status, headers, body }: Answer, ending: AnswerEnding): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  let hasCaching = false
  for (const header of headers) {
    const [name, value] = header
    if (NOT_IN_A_VALUE.test(value)) throw new Error(`${name} cannot be sent as a field`)
    text += `${name}: ${value}\r\n`
    if (name === 'Cache-Control') hasCaching = true
  }
  if (!hasCaching) text += 'Cache-Control: no-store\r\n'
  const hasBody = status !== 204
  const length = Buffer.byteLength(body)
  if (hasBody) text += `Content-Length: ${length}\r\n`
  text += `Date: ${ending.date}\r\n${connectionLines(ending)}\r\n`
  if (!hasBody || ending.isHead) return text
  return text + (length === body.length ? body : Buffer.from(body).toString('latin1'))
}

function connectionLines({ isLast, keepAliveS }: AnswerEnding): string {
  if (isLast) return 'Connection: close\r\n'
  if (keepAliveS === undefined) return 'Connection: keep-alive\r\n'
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveS}\r\n`
}

/** Written as Latin-1, a character beyond it would become another one, a line feed for instance. */
const NOT_IN_A_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/

/** The moment as `Date` has it (RFC 9110 §5.6.7); the text is made once a second. */
export function dateText(nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
  if (second !== written.second) written = { second, text: new Date(nowMs).toUTCString() }
  return written.text
}

let written = { second: Number.NaN, text: '' }
