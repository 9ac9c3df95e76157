import type { HeaderFields } from '@keyfence/core'
import { parseContentLength } from '../../http1/content-length.ts'

/** What of a request goes before its body. */
export interface OutgoingHead {
  readonly method: string
  /** Written as it stands. */
  readonly path: string
  /** Name and value in turn: at most one `Host` and one `Content-Length`, no framing or hop-by-hop. */
  readonly fields: HeaderFields
  readonly isWebSocket: boolean
  readonly hasBody: boolean
}

/** A request line and header section. */
export interface RequestHead {
  /** Latin-1, without a line of framing and without the empty line. */
  readonly lines: string
  /** What the caller announced; `undefined` for chunks. */
  readonly bodyLength: number | undefined
  /** The method gives a body a meaning, so an empty one is announced (RFC 9110 §8.6). */
  readonly expectsBody: boolean
  /** Whether the connection may serve another request after this one. */
  readonly keepsConnection: boolean
}

/**
 * Writes the head of a request. What is written came from a parsed request; all the same nothing gets
 * out that could end a line, or that speaks of framing beside ours.
 * @param authority the `Host` of a request that brings none.
 * @returns `undefined` if it cannot be written.
 */
export function requestHead(outgoing: OutgoingHead, authority: string): RequestHead | undefined {
  const { method, path, isWebSocket, hasBody } = outgoing
  if (NOT_TOKEN.test(method) || NOT_TARGET.test(path)) return undefined
  const written = fieldLines(outgoing.fields)
  if (written === undefined) return undefined
  const { host = authority, lines, length } = written
  const bodyLength = length === undefined ? undefined : parseContentLength(length)
  if (length !== undefined && bodyLength === undefined) return undefined
  const expectsBody = METHODS_WITH_BODY.has(method)
  // Servers that misread HEAD, or a body where none has a meaning, begin the next answer with what
  // belongs to this one.
  const keepsConnection = method !== 'HEAD' && !isWebSocket && (expectsBody || !hasBody)
  let connection = keepsConnection ? 'keep-alive' : 'close'
  if (isWebSocket) connection = 'upgrade\r\nupgrade: websocket'
  return {
    lines: `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connection}\r\n${lines}`,
    bodyLength,
    expectsBody,
    keepsConnection,
  }
}

interface WrittenFields {
  readonly host: string | undefined
  /** The value of `Content-Length`. */
  readonly length: string | undefined
  /** All the others. */
  readonly lines: string
}

function fieldLines(fields: HeaderFields): WrittenFields | undefined {
  let host: string | undefined
  let length: string | undefined
  let lines = ''
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? ''
    const value = fields[at + 1] ?? ''
    if (NOT_TOKEN.test(name) || NOT_VALUE.test(value)) return undefined
    const known = KNOWN_LENGTHS.has(name.length) ? name.toLowerCase() : ''
    if (FRAMING.has(known)) return undefined
    if (known === 'host' && host === undefined) host = value
    else if (known === 'content-length' && length === undefined) length = value
    else if (known === 'host' || known === 'content-length') return undefined
    else lines += `${name}: ${value}\r\n`
  }
  return { host, length, lines }
}

const NOT_TOKEN = /^$|[^!#$%&'*+.^_`|~0-9A-Za-z-]/
/** As in a request line: no blank, no control character, nothing beyond Latin-1. */
const NOT_TARGET = /^$|[^\u0021-\u007e\u0080-\u00ff]/
const NOT_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/

const METHODS_WITH_BODY: ReadonlySet<string> = new Set([
  'POST',
  'PUT',
  'PATCH',
  'QUERY',
  'PROPFIND',
  'PROPPATCH',
])

/** What is said here alone. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Most names are none of these, and are not lower-cased. */
const KNOWN_LENGTHS: ReadonlySet<number> = new Set(
  [...FRAMING, 'host', 'content-length'].map((name) => name.length),
)
