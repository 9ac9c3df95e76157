import { parseTokenText, type TokenText } from '../token/format.ts'
import {
  fieldValueAt,
  fieldValues,
  type HeaderFields,
  isFieldNamed,
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

/** What stands in places for tokens. Nearly always one text, so that nothing else is made for it. */
class FoundTexts {
  first = ''
  others: string[] | undefined
  /** A field or parameter for tokens stands twice. */
  isRepeated = false

  /** Empty values, and the same text again, are nothing. */
  add(text: string): void {
    if (text === '' || text === this.first) return
    if (this.first === '') this.first = text
    else (this.others ??= []).push(text)
  }
}

function searchField(fields: HeaderFields, field: TokenField, found: FoundTexts): void {
  let lines = 0
  for (let at = 0, name = fields[0]; name !== undefined; at += 2, name = fields[at]) {
    if (!isFieldNamed(name, field.name)) continue
    lines++
    found.add(textIn(fieldValueAt(fields, at + 1), field.scheme))
  }
  if (lines > 1) found.isRepeated = true
}

function credentialOf(found: FoundTexts, prefix: string): Credential {
  const { first, others = NONE, isRepeated } = found
  if (first === '') return { kind: 'none' }
  const token = parseTokenText(first, prefix)
  if (token === undefined) return { kind: 'malformed' }
  if (others.some((text) => parseTokenText(text, prefix) === undefined)) {
    return { kind: 'malformed' }
  }
  return isRepeated || others.length > 0 ? { kind: 'ambiguous' } : { kind: 'token', token }
}

const NONE: readonly string[] = []

/** The token in a field value: all of it, or what follows the scheme and one or more SP. */
function textIn(value: string, scheme: string | undefined): string {
  if (scheme === undefined) return value
  const space = value.indexOf(' ')
  if (space === -1 || !isFieldNamed(value.slice(0, space), scheme)) return ''
  // RFC 6750 §2.1: SP and nothing else stands between scheme and token.
  return value.slice(space + 1).replace(LEADING_SPACES, '')
}

const LEADING_SPACES = /^ +/

function subprotocolTokens(fields: HeaderFields): string[] {
  return fieldValues(fields, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map(trimBlanks)
    .filter((offer) => offer.startsWith(TOKEN_SUBPROTOCOL_PREFIX))
    .map((offer) => offer.slice(TOKEN_SUBPROTOCOL_PREFIX.length))
}
