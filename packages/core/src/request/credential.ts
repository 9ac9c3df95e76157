import { parseTokenText, parseTokenTextIn, type TokenText } from '../token/format.ts'
import {
  fieldValueAt,
  fieldValues,
  type HeaderFields,
  isFieldNamed,
  startsWithName,
  trimBlanks,
} from './header-fields.ts'
import { queryValues } from './query.ts'

/** A header field that carries a token: alone, or behind an authentication scheme. */
export interface TokenField {
  /** Lower-cased field name: `authorization`. */
  readonly name: string
  /** Lower-cased scheme: `bearer`; `undefined` where the whole value is the token. */
  readonly scheme: string | undefined
}

/** Where tokens are read (spec §6). A place not named here is neither read nor removed. */
export interface CredentialSettings {
  readonly tokenFields: readonly TokenField[]
  /** The query parameter that may carry a token; `undefined` (default): none, queries end in logs. */
  readonly tokenQuery: string | undefined
  /** The prefix of our own tokens: `kf_`. */
  readonly tokenPrefix: string
}

/** What a credential is read from. */
export interface CredentialRequest {
  readonly fields: HeaderFields
  /** The request target as received: path and query. */
  readonly target: string
  /** A WebSocket handshake, where an offered subprotocol may carry the token. */
  readonly isWebSocket: boolean
}

/** The token of a request, or why there is not exactly one. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'token'; readonly token: TokenText }

/** What an offered WebSocket subprotocol begins with when it carries a token. */
export const TOKEN_SUBPROTOCOL_PREFIX = 'keyfence.'

/**
 * Reads the token of a request. No token and a malformed one come before an ambiguous one
 * (spec §6). A field that stands twice is ambiguous if anything in the request is a token, whatever
 * its lines hold; the same token in two fields is not.
 */
export function readCredential(
  request: CredentialRequest,
  settings: CredentialSettings,
): Credential {
  const found = new FoundTexts()
  for (const field of settings.tokenFields) searchField(request.fields, field, found)
  if (settings.tokenQuery !== undefined) {
    const values = queryValues(request.target, settings.tokenQuery)
    for (const value of values) found.add(value)
    if (values.length > 1) found.isRepeated = true
  }
  if (request.isWebSocket) {
    // One list, which may be spread over several lines (RFC 6455 §11.3.4): never a repeated field.
    for (const text of subprotocolTokens(request.fields)) found.add(text)
  }
  return credentialOf(found, settings.tokenPrefix)
}

/**
 * The credential that somebody else has found: `undefined` and the empty text are no token.
 * @param tokenPrefix of our own tokens: `kf_`.
 */
export function parseCredential(text: string | undefined, tokenPrefix: string): Credential {
  if (text === undefined || text === '') return { kind: 'none' }
  const token = parseTokenText(text, tokenPrefix)
  return token === undefined ? { kind: 'malformed' } : { kind: 'token', token }
}

/** What stands in places for tokens. Nearly always one text, so that nothing else is made for it. */
class FoundTexts {
  /** What the first text is the end of, from `firstStart` on; empty if there is none. */
  firstIn = ''
  firstStart = 0
  others: string[] | undefined
  /** A field or parameter for tokens stands twice. */
  isRepeated = false

  /** Adds what `value` holds from `start` on. Nothing, and the same text again, are not added. */
  add(value: string, start = 0): void {
    if (start >= value.length) return
    if (this.firstIn === '') {
      this.firstIn = value
      this.firstStart = start
      return
    }
    const text = value.slice(start)
    if (text !== this.firstIn.slice(this.firstStart)) (this.others ??= []).push(text)
  }
}

function searchField(fields: HeaderFields, field: TokenField, found: FoundTexts): void {
  let lines = 0
  for (let at = 0, name = fields[0]; name !== undefined; at += 2, name = fields[at]) {
    if (!isFieldNamed(name, field.name)) continue
    lines++
    const value = fieldValueAt(fields, at + 1)
    found.add(value, tokenStart(value, field.scheme))
  }
  if (lines > 1) found.isRepeated = true
}

function credentialOf(found: FoundTexts, prefix: string): Credential {
  const { firstIn, firstStart, others = NONE, isRepeated } = found
  if (firstIn === '') return { kind: 'none' }
  const token = parseTokenTextIn(firstIn, firstStart, prefix)
  if (token === undefined) return { kind: 'malformed' }
  if (others.some((text) => parseTokenText(text, prefix) === undefined)) {
    return { kind: 'malformed' }
  }
  return isRepeated || others.length > 0 ? { kind: 'ambiguous' } : { kind: 'token', token }
}

const NONE: readonly string[] = []

/** Where the token of a field value begins: all of it, or what follows the scheme and SP; else its end. */
function tokenStart(value: string, scheme: string | undefined): number {
  if (scheme === undefined) return 0
  let start = scheme.length
  // RFC 6750 §2.1: SP and nothing else stands between scheme and token.
  if (value.charCodeAt(start) !== SPACE || !startsWithName(value, scheme)) return value.length
  while (value.charCodeAt(start) === SPACE) start++
  return start
}

const SPACE = 32

function subprotocolTokens(fields: HeaderFields): string[] {
  return fieldValues(fields, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map(trimBlanks)
    .filter((offer) => offer.startsWith(TOKEN_SUBPROTOCOL_PREFIX))
    .map((offer) => offer.slice(TOKEN_SUBPROTOCOL_PREFIX.length))
}
