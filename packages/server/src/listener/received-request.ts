import type { IncomingMessage } from 'node:http'
import { fieldValues, type Parsed } from '@keyfence/core'
import type { FailureStatus } from './own-answer.ts'
import { requestTarget } from './request-target.ts'

/** A request line and `Host` that can be served. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query, octets as received. */
  readonly target: string
  /** `undefined` for HTTP/1.0 without one. */
  readonly host: string | undefined
}

/** @returns as the problem, the status to answer with: 431 for too many field lines, else 400. */
export function readRequest(
  message: IncomingMessage,
  limits: { readonly headerFieldsMax: number },
): Parsed<ReceivedRequest, FailureStatus & (400 | 431)> {
  const fields = message.rawHeaders
  if (fields.length > limits.headerFieldsMax * 2) return { ok: false, problem: 431 }
  const target = requestTarget(message.url ?? '')
  const hosts = fieldValues(fields, 'host')
  if (target === undefined || !isServed(message, hosts)) return { ok: false, problem: 400 }
  return { ok: true, value: { method: message.method ?? '', target, host: hosts[0] } }
}

/** HTTP/1.x with one `Host`, which HTTP/1.0 may leave out (RFC 9112 §3.2). */
function isServed(message: IncomingMessage, hosts: readonly string[]): boolean {
  if (message.httpVersionMajor !== 1 || hosts.length > 1) return false
  const [host] = hosts
  return host === undefined ? message.httpVersionMinor === 0 : HOST.test(host)
}

/** Characters of RFC 3986 §3.2.2 and a port. The upstream and our own log see it as it is. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]*)(?::[0-9]*)?$/
