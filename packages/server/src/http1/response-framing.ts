import { fieldValues, type HeaderFields } from '@keyfence/core'
import { parseContentLength } from './content-length.ts'
import { isKept, readConnectionOptions } from './persistence.ts'
import type { HttpMinorVersion } from './start-line.ts'

/** How the end of an answer's body is known (RFC 9112 §6.3). */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until_close' }

/** What of an answer says where it ends and what becomes of its connection. */
export interface FramedHead {
  readonly minorVersion: HttpMinorVersion
  readonly status: number
  readonly fields: HeaderFields
}

/**
 * Reads the framing of a final answer. Wherever two readers could disagree there is none: two lengths,
 * be they equal, a length beside a coding, any coding but `chunked` alone (RFC 9112 §6.1, §11.2).
 * @param method of the request that is answered.
 * @returns `undefined` if the framing is malformed, also where no body follows.
 */
export function bodyFraming(head: FramedHead, method: string): BodyFraming | undefined {
  const announced = announcedFraming(head)
  return announced === undefined || !isBodyless(head.status, method) ? announced : NONE
}

/**
 * Whether an answer without a body announces one all the same. A server that believed itself may
 * have sent it, and the next answer would begin with it.
 */
export function announcesMissingBody({ status, fields }: FramedHead): boolean {
  if (status !== 204 && status !== 304) return false
  const [length] = fieldValues(fields, 'content-length')
  if (length !== undefined && parseContentLength(length) !== 0) return true
  return fieldValues(fields, 'transfer-encoding').length > 0
}

/** Whether the server keeps the connection behind this answer (RFC 9112 §9.3). */
export function isPersistent({ minorVersion, fields }: FramedHead): boolean {
  // HTTP/1.0 knows no codings: servers that chunk all the same are understood, and not relied on
  // (RFC 9112 §6.1: the connection is closed behind the message).
  if (minorVersion === 0 && fieldValues(fields, 'transfer-encoding').length > 0) return false
  const asked = { asksClose: false, asksKeepAlive: false }
  for (const value of fieldValues(fields, 'connection')) readConnectionOptions(asked, value)
  return isKept(asked, minorVersion)
}

/** How long the server says that it keeps an idle connection; `undefined` if it does not say. */
export function keepAliveMs(fields: HeaderFields): number | undefined {
  const [value] = fieldValues(fields, 'keep-alive')
  const seconds = value === undefined ? undefined : TIMEOUT.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

const TIMEOUT = /(?:^|[,\s])timeout=([0-9]{1,9})/i
const NONE: BodyFraming = { kind: 'none' }

function announcedFraming({ fields }: FramedHead): BodyFraming | undefined {
  const lengths = fieldValues(fields, 'content-length')
  const codings = fieldValues(fields, 'transfer-encoding')
  if (lengths.length + codings.length > 1) return undefined
  const [text] = lengths
  if (text !== undefined) {
    const length = parseContentLength(text)
    return length === undefined ? undefined : { kind: 'length', length }
  }
  const [coding] = codings
  if (coding === undefined) return { kind: 'until_close' }
  return coding.toLowerCase() === 'chunked' ? { kind: 'chunked' } : undefined
}

function isBodyless(status: number, method: string): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}
