import type { CredentialAnswer, CredentialLine } from '../case.ts'
import { tokenChecksum } from './checksum.ts'
import { asciiLowerCase, fieldValues, trimBlanks } from './header-fields.ts'

/** Finds the token of a request (spec §6, "Where a token is read"). */
export function referenceCredential(line: CredentialLine): CredentialAnswer {
  const places = [...fieldPlaces(line), queryPlace(line), webSocketPlace(line)]
  const offered = places.flatMap((place) => place.offered)
  const [token] = offered
  // "No token, or one that is malformed […], ambiguous, […] (in this order)"
  if (token === undefined) return { kind: 'none' }
  if (offered.some((text) => !isWellFormed(text, line.prefix))) return { kind: 'malformed' }
  // "A repeated field, or two different tokens, is `token_ambiguous`."
  const isAmbiguous = places.some((place) => place.isRepeated) || new Set(offered).size > 1
  return isAmbiguous ? { kind: 'ambiguous' } : { kind: 'token', token }
}

/** One place of a request that may hold a token: what it offers, and whether it is there twice. */
interface Place {
  readonly offered: readonly string[]
  readonly isRepeated: boolean
}

function fieldPlaces({ tokenFields, headers }: CredentialLine): readonly Place[] {
  return tokenFields.map((tokenField) => {
    const [name = '', scheme] = tokenField.split(': ')
    const values = fieldValues(headers, name)
    const texts = scheme === undefined ? values : values.map((value) => afterScheme(value, scheme))
    return { offered: texts.filter(isOffered), isRepeated: values.length > 1 }
  })
}

/** "`Authorization: Bearer …` (scheme in any case)"; another scheme gives the empty text. */
function afterScheme(value: string, scheme: string): string {
  const [, found = '', rest = ''] = /^([^ ]*) +([^]*)$/.exec(value) ?? []
  return asciiLowerCase(found) === asciiLowerCase(scheme) ? rest : ''
}

/** "A query parameter is read only if the setting names one." */
function queryPlace({ tokenQuery, target }: CredentialLine): Place {
  if (tokenQuery === null) return { offered: [], isRepeated: false }
  const query = /^[^?]*\?([^]*)$/.exec(target)?.[1] ?? ''
  const values = new URLSearchParams(query).getAll(tokenQuery)
  return { offered: values.filter(isOffered), isRepeated: values.length > 1 }
}

/** "On a WebSocket handshake […] the offered subprotocol `keyfence.<token>` is a token too." */
function webSocketPlace({ webSocket, headers }: CredentialLine): Place {
  const protocols = webSocket
    ? fieldValues(headers, 'Sec-WebSocket-Protocol').flatMap((value) => value.split(','))
    : []
  const offered = protocols
    .map(trimBlanks)
    .filter((protocol) => protocol.startsWith('keyfence.'))
    .map((protocol) => protocol.slice('keyfence.'.length))
  // The field is a list that RFC 6455 §11.3.4 lets a client spread over several lines.
  return { offered: offered.filter(isOffered), isRepeated: false }
}

/** "another scheme or an empty value is no token" */
function isOffered(text: string): boolean {
  return text !== ''
}

/** "1–512 characters of `!`–`~` without a comma", and with our prefix the right checksum. */
function isWellFormed(text: string, prefix: string): boolean {
  if (!/^[!-+\--~]{1,512}$/.test(text)) return false
  if (!text.startsWith(prefix)) return true
  // "`kf_` + 40 characters of `0-9A-Za-z`: 34 random ones (202 bits) and 6 of CRC-32"
  const isOurShape = /^[0-9A-Za-z]{40}$/.test(text.slice(prefix.length))
  return isOurShape && tokenChecksum(text.slice(0, -6)) === text.slice(-6)
}
