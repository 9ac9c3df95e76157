import * as fc from 'fast-check'
import type { CredentialLine, HeaderField } from '../case.ts'
import { tokenChecksum } from '../reference/checksum.ts'
import { choose, oneOf } from './choice.ts'

const PREFIXES: readonly string[] = ['kf_', 'acme1_']

const RANDOM_PARTS: readonly string[] = [
  'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f',
  '0000000000000000000000000000000000',
  'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz',
  'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE30',
]

/** Our own tokens, whole. */
const issued: fc.Arbitrary<string> = fc
  .tuple(
    oneOf(PREFIXES),
    choose([3, oneOf(RANDOM_PARTS)], [2, fc.stringMatching(/^[0-9A-Za-z]{34}$/)]),
  )
  .map(([prefix, random]) => prefix + random + tokenChecksum(prefix + random))

const DAMAGES: readonly ((token: string) => string)[] = [
  (token) => `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`,
  (token) => token.slice(0, -1),
  (token) => `${token}0`,
  (token) => token.toUpperCase(),
  (token) => token.replace('_', '-'),
  (token) => token.slice(0, 3),
  (token) => `${token.slice(0, 10)}-${token.slice(11)}`,
  (token) => `${token.slice(0, 10)} ${token.slice(11)}`,
  (token) => `${token},${token}`,
  (token) => `${token}, ${token}`,
  (token) => `"${token}"`,
  (token) => `${token}\u0000`,
  (token) => `${token}\u007F`,
  (token) => `${token}é`,
]

/** Keys of other shapes, as an import takes them, and what is none. */
const FOREIGN: readonly string[] = [
  'sk_live_51abc',
  'k',
  'secret~!#$%&+/=?^|{}',
  'KF_x',
  'kfm_abc',
  'a+b',
  'a%2Bb',
  'a&b=c',
  'x'.repeat(512),
  'x'.repeat(513),
  'a b',
  'a,b',
  ',',
  '',
  'é',
  'a\tb',
]

const token: fc.Arbitrary<string> = choose(
  [5, oneOf(['kf_', 'acme1_']).map((prefix) => ourToken(prefix))],
  [4, issued],
  [2, fc.tuple(issued, oneOf(DAMAGES)).map(([whole, damage]) => damage(whole))],
  [3, oneOf(FOREIGN)],
)

const BEARER: readonly ((token: string) => string)[] = [
  (value) => `Bearer ${value}`,
  (value) => `bearer ${value}`,
  (value) => ` BEARER   ${value}\t`,
]

const OTHER_SCHEMES: readonly ((token: string) => string)[] = [
  (value) => `Token ${value}`,
  (value) => `Basic ${value}`,
  (value) => `Bearer${value}`,
  (value) => `Bearer\t${value}`,
  (value) => `Bearer \t${value}`,
  (value) => `Bearer, ${value}`,
  (value) => `Bearer: ${value}`,
  (value) => `\u212Abearer ${value}`,
  (value) => value,
  () => 'Bearer',
  () => 'Bearer ',
  () => '',
]

const PROTOCOLS: readonly ((token: string) => string)[] = [
  (value) => `keyfence.${value}`,
  (value) => `chat, keyfence.${value}`,
  (value) => `keyfence.${value},keyfence.${value}`,
  (value) => `keyfence.${value} ,\tkeyfence.other`,
  (value) => `Keyfence.${value}`,
  () => 'keyfence.',
  (value) => `keyfence${value}`,
  () => 'graphql-ws',
]

const AUTHORIZATION: readonly string[] = ['Authorization', 'authorization', 'AUTHORIZATION']

const field: fc.Arbitrary<HeaderField> = choose<HeaderField>(
  [6, written(AUTHORIZATION, BEARER)],
  [2, written(AUTHORIZATION, OTHER_SCHEMES)],
  [4, written(['X-API-Key', 'x-api-key'], [(value) => value, (value) => ` ${value}\t`, () => ''])],
  [
    1,
    written(
      ['X_API_Key', 'X-Api-Key ', 'X-API-\u212Aey', 'Api-Key', 'Proxy-Authorization', 'Cookie'],
      BEARER,
    ),
  ],
)

const protocolField = written(['Sec-WebSocket-Protocol', 'sec-websocket-protocol'], PROTOCOLS)

const TARGETS: readonly ((token: string) => string)[] = [
  (value) => `/v1/x?key=${value}`,
  (value) => `/v1/x?a=1&key=${encodeURIComponent(value)}&b=2`,
  (value) => `/?key=${value}&key=${value}`,
  (value) => `/?key=${value}&key=other`,
  (value) => `/?k%65y=${value}`,
  (value) => `/?KEY=${value}&keys=${value}&xkey=${value}`,
  (value) => `/key=${value}`,
  (value) => `/?a?key=${value}`,
  (value) => `https://api.example/?key=${value}`,
  () => '/?key=',
  () => '/?key',
  () => '/',
]

const line = {
  tokenFields: oneOf([
    ['Authorization: Bearer', 'X-API-Key'],
    ['Authorization: Bearer', 'X-API-Key'],
    ['X-API-Key', 'Authorization: bearer'],
    ['Authorization: Bearer'],
    ['X-API-Key'],
    ['Authorization: Token', 'Api-Key'],
  ]),
  tokenQuery: oneOf([null, 'key']),
  prefix: oneOf(PREFIXES),
  headers: choose<readonly HeaderField[]>(
    [6, fc.tuple(field)],
    [3, fc.array(choose([4, field], [1, protocolField]), { maxLength: 3 })],
    [2, fc.array(protocolField, { maxLength: 2 })],
  ),
  target: choose(
    [3, fc.constant('/')],
    [1, fc.tuple(token, oneOf(TARGETS)).map(([value, write]) => write(visible(value)))],
  ),
  webSocket: fc.boolean(),
}

/** Requests with tokens in the right places, the wrong ones, and in several at once. */
export const credentialLine: fc.Arbitrary<CredentialLine> = fc.record(line, {
  noNullPrototype: true,
})

function written(
  names: readonly string[],
  spellings: readonly ((token: string) => string)[],
): fc.Arbitrary<HeaderField> {
  return fc
    .tuple(oneOf(names), token, oneOf(spellings))
    .map(([name, value, spell]) => [name, spell(value)])
}

/** One and the same token each time, so that two places can agree. */
function ourToken(prefix: string): string {
  const before = `${prefix}aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f`
  return before + tokenChecksum(before)
}

/** A request line carries no blanks or control characters: Node refuses them before we see one. */
function visible(value: string): string {
  return value.replace(/[^!-~]/g, encodeURIComponent)
}
