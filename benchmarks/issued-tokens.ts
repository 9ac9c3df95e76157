import { randomBytes } from 'node:crypto'
import {
  formatToken,
  type JudgedRequest,
  type JudgeSettings,
  TOKEN_ALPHABET,
  TOKEN_RANDOM_LENGTH,
  type TokenText,
} from '../packages/core/src/index.ts'
import type { TokenChange } from '../packages/server/src/fence/change-feed.ts'
import { savedChange } from '../packages/server/src/fence/saved-change-fixture.ts'
import { newTokenId } from '../packages/server/src/identifier/identifier.ts'
import { hashToken } from '../packages/server/src/token/token.ts'

/** A token as a benchmark has issued it; `at` tells it from the others. */
export interface IssuedToken {
  readonly text: TokenText
  readonly at: number
}

/** Settings as a node has them by default. */
export const SETTINGS: JudgeSettings = {
  tokenFields: [
    { name: 'authorization', scheme: 'bearer' },
    { name: 'x-api-key', scheme: undefined },
  ],
  tokenQuery: undefined,
  tokenPrefix: 'kf_',
  trustedProxies: [],
  barePeer: 'is_client',
  httpsOriginsOnly: false,
}

/** New tokens, of our own format. */
export function issueTokens(count: number): readonly IssuedToken[] {
  return Array.from({ length: count }, (_, at) => ({ text: newToken(), at }))
}

/** As many of them as there are to be requests, in no order. */
export function pickTokens(tokens: readonly IssuedToken[], count: number): readonly IssuedToken[] {
  return Array.from({ length: count }, () => {
    const token = tokens[Math.floor(Math.random() * tokens.length)]
    if (token === undefined) throw new Error('no tokens were issued')
    return token
  })
}

/** The domain that is listed for a token, its own. */
export function domainOf({ at }: IssuedToken): string {
  return `shop${at}.com`
}

/** The address that is listed for a token, its own. */
export function addressOf({ at }: IssuedToken): string {
  return `8.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`
}

/** What the feed says of a token with a domain and an address of its own; four have one owner. */
export function changeOf(token: IssuedToken): TokenChange {
  return savedChange({
    revision: token.at,
    tokenId: newTokenId(Date.now(), randomBytes),
    owner: `customer-${token.at >> 2}`,
    hash: hashToken(token.text),
    domains: [domainOf(token)],
    ips: [addressOf(token)],
  })
}

/** A page's request with a token, from an origin. */
export function pageRequest({ text }: IssuedToken, origin: string): JudgedRequest {
  return requestWith(text, '8.8.8.8', [ORIGIN, received(origin), ...FETCH_METADATA])
}

/** A server's request with a token, from the address that is listed for it. */
export function serverRequest(token: IssuedToken): JudgedRequest {
  return requestWith(token.text, addressOf(token), [])
}

/** The text as a parser of octets makes it: in one piece, while a template's is a tree of its parts. */
export function received(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function newToken(): TokenText {
  let random = ''
  for (const octet of randomBytes(TOKEN_RANDOM_LENGTH)) random += TOKEN_ALPHABET.charAt(octet % 62)
  return received(formatToken('kf_', random)) as TokenText // the same text
}

/** What all requests have. Received once: in a server it has just been written, and lies in the cache. */
const BEFORE = [
  'Host',
  'api.example.com',
  'User-Agent',
  'Mozilla/5.0 (X11; Linux x86_64)',
  'Accept',
  '*/*',
  'Authorization',
].map(received)
const BEHIND = ['Accept-Encoding', 'gzip'].map(received)
const ORIGIN = received('Origin')
const FETCH_METADATA = ['Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'cors'].map(received)

function requestWith(token: string, peer: string, more: readonly string[]): JudgedRequest {
  const fields = [...BEFORE, received(`Bearer ${token}`), ...BEHIND, ...more]
  return { fields, target: '/v1/orders/1234567890', peer: received(peer), isWebSocket: false }
}
