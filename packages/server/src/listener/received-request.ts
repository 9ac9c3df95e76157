import type { IncomingMessage } from 'node:http'
import { fieldValues, type Parsed } from '@keyfence/core'
import type { RequestHead } from '../http1/request-head.ts'
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

/** The head that Node's parser read. */
export function headOfMessage(message: IncomingMessage): RequestHead {
  const { httpVersionMajor, httpVersionMinor } = message
  const isSpoken = httpVersionMajor === 1 && (httpVersionMinor === 0 || httpVersionMinor === 1)
  return {
    method: message.method ?? '',
    target: message.url ?? '',
    minorVersion: isSpoken ? httpVersionMinor : undefined,
    fields: message.rawHeaders,
  }
}

/** @returns as the problem, the status to answer with: 431 for too many field lines, else 400. */
export function readRequest(
  head: RequestHead,
  limits: { readonly headerFieldsMax: number },
): Parsed<ReceivedRequest, FailureStatus & (400 | 431)> {
  const { method, fields } = head
  if (fields.length > limits.headerFieldsMax * 2) return { ok: false, problem: 431 }
  const target = requestTarget(head.target)
  const hosts = fieldValues(fields, 'host')
  if (target === undefined || !isServed(head, hosts)) return { ok: false, problem: 400 }
  return { ok: true, value: { method, target, host: hosts[0] } }
}

/** HTTP/1.x with one `Host`, which HTTP/1.0 may leave out (RFC 9112 §3.2). */
function isServed({ minorVersion }: RequestHead, hosts: readonly string[]): boolean {
  if (minorVersion === undefined || hosts.length > 1) return false
  const [host] = hosts
  return host === undefined ? minorVersion === 0 : HOST.test(host)
}

/** Characters of RFC 3986 §3.2.2 and a port. The upstream and our own log see it as it is. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]*)(?::[0-9]*)?$/
