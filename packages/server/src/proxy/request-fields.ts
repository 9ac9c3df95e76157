import {
  foldFieldName,
  formatIpAddress,
  identityFields,
  type IpAddress,
  isIdentityField,
  lowerCaseAscii,
  parseIpAddress,
  rangeContains,
  requestSource,
  TOKEN_SUBPROTOCOL_PREFIX,
  type TokenField,
  trimBlanks,
  fieldValues,
} from '@keyfence/core'
import { connectionOptions, HOP_BY_HOP_FIELDS } from './hop-by-hop.ts'
import type { Passage } from './passage.ts'
import type { ProxySettings } from './proxy-settings.ts'

/**
 * The field lines that the upstream gets, name and value in turn: the caller's in their order,
 * without what belongs to the connection, carries the token or claims to be ours, and then ours.
 * Ours come last, after every removal: a `Connection: keyfence-owner` of the caller removes nothing
 * that is set here (T9). Request trailers are not passed on at all.
 */
export function upstreamFields(passage: Passage, settings: ProxySettings): string[] {
  const { fields } = passage.request
  const nominated = connectionOptions(fields)
  const passed: string[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? ''
    const lowerCaseName = lowerCaseAscii(name)
    if (REPLACED.has(lowerCaseName) || nominated?.has(lowerCaseName)) continue
    if (isOurs(lowerCaseName)) continue
    const value = withoutToken(lowerCaseName, fields[at + 1] ?? '', settings)
    if (value !== undefined) passed.push(name, value)
  }
  const host = settings.upstreamHost ?? passage.host
  if (host !== undefined) passed.push('Host', host)
  passed.push(...identityFields(passage.verdict, settings))
  passed.push(...forwardedFields(passage, settings))
  return passed
}

/** `expect` is answered here, `trailer` announces what is not passed on. */
const REPLACED: ReadonlySet<string> = new Set([...HOP_BY_HOP_FIELDS, 'host', 'expect', 'trailer'])

/** Whether an upstream may take the field for something that Keyfence or a proxy before it says. */
function isOurs(lowerCaseName: string): boolean {
  // All these names begin with one of three letters, and most fields with another.
  switch (lowerCaseName.charCodeAt(0)) {
    case LETTER_K:
      return isIdentityField(lowerCaseName)
    case LETTER_X:
      return FORWARDED_X.test(foldFieldName(lowerCaseName))
    case LETTER_F:
      return lowerCaseName === 'forwarded'
    default:
      return false
  }
}

const LETTER_F = 102
const LETTER_K = 107
const LETTER_X = 120
const FORWARDED_X = /^x-(?:forwarded(?:-|$)|original-|real-ip$)/

/** The value as the upstream may see it, or `undefined` where the field goes. */
function withoutToken(name: string, value: string, settings: ProxySettings): string | undefined {
  if (name === 'sec-websocket-protocol') return withoutTokenOffers(value)
  if (settings.forwardToken) return value
  for (const field of settings.judge.tokenFields) {
    if (field.name === name && carriesToken(value, field)) return undefined
  }
  return value
}

/** Another scheme than the configured one is the API's own affair, and stays. */
function carriesToken(value: string, { scheme }: TokenField): boolean {
  if (scheme === undefined) return true
  const text = trimBlanks(value)
  const space = text.indexOf(' ')
  return space !== -1 && lowerCaseAscii(text.slice(0, space)) === scheme
}

function withoutTokenOffers(value: string): string | undefined {
  if (!value.includes(TOKEN_SUBPROTOCOL_PREFIX)) return value
  const offers = value.split(',').map(trimBlanks)
  const kept = offers.filter((offer) => !offer.startsWith(TOKEN_SUBPROTOCOL_PREFIX))
  return kept.length === 0 ? undefined : kept.join(', ')
}

function forwardedFields(passage: Passage, settings: ProxySettings): string[] {
  const peer = passage.request.peer
  const peerAddress = peer === undefined ? undefined : parseIpAddress(peer)
  const client = clientAddress(passage, settings) ?? peerAddress
  return [
    'X-Forwarded-For',
    client === undefined ? '' : formatIpAddress(client),
    'X-Forwarded-Proto',
    forwardedProto(passage, peerAddress, settings),
    'X-Forwarded-Host',
    passage.host ?? '',
  ]
}

/** The address by spec §4, of a browser request too: the rule has no use for it, logs have. */
function clientAddress(passage: Passage, settings: ProxySettings): IpAddress | undefined {
  const { forwardedFor } = passage.evidence
  const decided = passage.verdict?.source
  const source =
    decided?.kind === 'server'
      ? decided
      : requestSource(
          { origins: [], referers: [], hasFetchSite: false, forwardedFor },
          passage.request.peer,
          settings.judge,
        )
  return source.kind === 'server' ? source.address : undefined
}

/** This listener speaks plain HTTP; only a trusted proxy before it can know better. */
function forwardedProto(
  passage: Passage,
  peer: IpAddress | undefined,
  settings: ProxySettings,
): 'http' | 'https' {
  const { trustedProxies } = settings.judge
  if (peer === undefined || !trustedProxies.some((range) => rangeContains(range, peer))) {
    return 'http'
  }
  const values = fieldValues(passage.request.fields, 'x-forwarded-proto')
  return values.length === 1 && values[0] === 'https' ? 'https' : 'http'
}
