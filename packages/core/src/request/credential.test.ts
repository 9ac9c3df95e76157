import { describe, expect, test } from 'vitest'
import { formatToken } from '../token/format.ts'
import {
  type Credential,
  type CredentialSettings,
  parseCredential,
  readCredential,
} from './credential.ts'

const TOKEN = formatToken('kf_', 'a'.repeat(34))
const OTHER = formatToken('kf_', 'b'.repeat(34))
const WRONG_CHECKSUM = `kf_${'a'.repeat(40)}`

const SETTINGS: CredentialSettings = {
  tokenFields: [
    { name: 'authorization', scheme: 'bearer' },
    { name: 'x-api-key', scheme: undefined },
  ],
  tokenQuery: undefined,
  tokenPrefix: 'kf_',
}

interface Case {
  fields?: readonly string[]
  target?: string
  isWebSocket?: boolean
  settings?: Partial<CredentialSettings>
  because: string
}

function read({ fields = [], target = '/', isWebSocket = false, settings }: Case): Credential {
  return readCredential({ fields, target, isWebSocket }, { ...SETTINGS, ...settings })
}

const QUERY = { tokenQuery: 'token' }
const WS = 'Sec-WebSocket-Protocol'

describe('no token', () => {
  test.each<Case>([
    { because: 'no field at all' },
    { fields: ['Authorization', ''], because: 'an empty value' },
    { fields: ['Authorization', 'Bearer'], because: 'a scheme alone' },
    { fields: ['Authorization', 'Bearer '], because: 'a scheme and a blank' },
    { fields: ['Authorization', 'Bearer,'], because: 'T36: another scheme' },
    { fields: ['Authorization', `Bearer\t${TOKEN}`], because: 'T36: a tab is no separator' },
    { fields: ['Authorization', `Bearer:${TOKEN}`], because: 'T36: another scheme' },
    { fields: ['Authorization', `Basic ${TOKEN}`], because: 'T36: another scheme' },
    { fields: ['Authorization', `Token ${TOKEN}`], because: 'T36: another scheme' },
    { fields: ['Authorization', `Bearerx ${TOKEN}`], because: 'T36: a longer scheme' },
    { fields: ['Authorization', `B\u0435arer ${TOKEN}`], because: 'T36: a look-alike scheme' },
    { fields: ['Authorization', TOKEN], because: 'no scheme' },
    {
      fields: ['Authorization', 'Basic a', 'Authorization', 'Digest b'],
      because: 'twice no token is no token',
    },
    { fields: ['X-API-Key', ''], because: 'an empty value' },
    { fields: ['X-API-Key', ' \t'], because: 'a blank value' },
    { fields: ['X-API-Key', '', 'X-API-Key', ''], because: 'twice nothing is nothing' },
    { fields: ['X_API_Key', TOKEN], because: 'another field' },
    { fields: ['X-API-Key ', TOKEN], because: 'another field' },
    { fields: ['Api-Key', TOKEN], because: 'a field that is not named' },
    { fields: ['Cookie', `token=${TOKEN}`], because: 'cookies are not read' },
    { fields: ['Proxy-Authorization', `Bearer ${TOKEN}`], because: 'a field that is not named' },
    { fields: [WS, `keyfence.${TOKEN}`], because: 'no WebSocket handshake' },
    { isWebSocket: true, fields: [WS, 'chat, keyfence.'], because: 'an empty subprotocol token' },
    { isWebSocket: true, fields: [WS, `keyfence${TOKEN}`], because: 'no dot' },
    { isWebSocket: true, fields: [WS, `Keyfence.${TOKEN}`], because: 'subprotocols have a case' },
    { target: `/?token=${TOKEN}`, because: 'T36: a query is not read unless a setting names it' },
    { target: `/?key=${TOKEN}`, settings: QUERY, because: 'another parameter' },
    { target: '/?token=', settings: QUERY, because: 'an empty parameter' },
    { target: '/?token&token', settings: QUERY, because: 'twice nothing is nothing' },
    {
      fields: ['Authorization', `Bearer ${TOKEN}`],
      settings: { tokenFields: [] },
      because: 'no field is named',
    },
  ])('$because: $fields $target', (given) => {
    expect(read(given)).toEqual({ kind: 'none' })
  })
})

describe('malformed', () => {
  test.each<Case>([
    { fields: ['X-API-Key', WRONG_CHECKSUM], because: 'our prefix with a wrong checksum' },
    { fields: ['X-API-Key', TOKEN.slice(0, -1)], because: 'one character short' },
    { fields: ['X-API-Key', `${TOKEN}0`], because: 'one character long' },
    { fields: ['X-API-Key', 'kf_'], because: 'a prefix alone' },
    { fields: ['X-API-Key', 'a'.repeat(513)], because: 'over-long' },
    { fields: ['X-API-Key', `${TOKEN},${TOKEN}`], because: 'a comma: two, joined by a proxy' },
    { fields: ['X-API-Key', `${TOKEN}, ${TOKEN}`], because: 'a comma: two, joined by a proxy' },
    { fields: ['X-API-Key', `${TOKEN} ${TOKEN}`], because: 'a blank inside' },
    { fields: ['X-API-Key', 'schl\u00fcssel'], because: 'not ASCII' },
    { fields: ['X-API-Key', 'a\0'], because: 'a NUL' },
    { fields: ['X-API-Key', `Bearer ${TOKEN}`], because: 'a scheme where none belongs' },
    { fields: ['Authorization', `Bearer ${TOKEN} x`], because: 'a blank inside' },
    { fields: ['Authorization', `Bearer "${TOKEN}", x`], because: 'quotes and a comma' },
    { fields: ['Authorization', `Bearer Bearer ${TOKEN}`], because: 'the scheme twice' },
    {
      fields: ['X-API-Key', TOKEN, 'X-API-Key', WRONG_CHECKSUM],
      because: 'malformed comes before ambiguous',
    },
    {
      fields: ['X-API-Key', WRONG_CHECKSUM, 'Authorization', `Bearer ${TOKEN}`],
      because: 'malformed comes before ambiguous',
    },
    { target: '/?token=%00', settings: QUERY, because: 'a control character' },
    { target: '/?token=a%00', settings: QUERY, because: 'an escaped NUL' },
    { isWebSocket: true, fields: [WS, 'keyfence.kf_x'], because: 'our prefix, not our format' },
    {
      fields: ['X-API-Key', 'acme_x'],
      settings: { tokenPrefix: 'acme_' },
      because: 'the prefix of the setting',
    },
  ])('$because: $fields $target', (given) => {
    expect(read(given)).toEqual({ kind: 'malformed' })
  })
})

describe('ambiguous', () => {
  test.each<Case>([
    {
      fields: ['X-API-Key', TOKEN, 'X-API-Key', TOKEN],
      because: 'a repeated field, though the same',
    },
    { fields: ['X-API-Key', TOKEN, 'x-api-key', OTHER], because: 'a repeated field' },
    { fields: ['X-API-Key', TOKEN, 'X-API-Key', ''], because: 'a repeated field, one line empty' },
    {
      fields: ['Authorization', `Bearer ${TOKEN}`, 'Authorization', 'Basic x'],
      because: 'a repeated field, one scheme another',
    },
    {
      fields: ['Authorization', 'Basic x', 'Authorization', 'Basic y', 'X-API-Key', TOKEN],
      because: 'a repeated field beside a token',
    },
    {
      fields: ['Authorization', `Bearer ${TOKEN}`, 'X-API-Key', OTHER],
      because: 'two different tokens',
    },
    {
      fields: ['X-API-Key', TOKEN],
      target: `/?token=${OTHER}`,
      settings: QUERY,
      because: 'a field and the query',
    },
    { target: `/?token=${TOKEN}&token=${TOKEN}`, settings: QUERY, because: 'a repeated parameter' },
    {
      isWebSocket: true,
      fields: [WS, `keyfence.${TOKEN}, keyfence.${OTHER}`],
      because: 'two offers',
    },
    {
      isWebSocket: true,
      fields: [WS, `keyfence.${TOKEN}`, 'X-API-Key', OTHER],
      because: 'an offer and a field',
    },
  ])('$because: $fields $target', (given) => {
    expect(read(given)).toEqual({ kind: 'ambiguous' })
  })
})

describe('one token', () => {
  test.each<Case>([
    { fields: ['Authorization', `Bearer ${TOKEN}`], because: 'a bearer token' },
    { fields: ['authorization', `bEARER ${TOKEN}`], because: 'scheme in any case' },
    { fields: ['Authorization', `  Bearer    ${TOKEN}\t`], because: 'blanks around it' },
    { fields: ['X-API-Key', TOKEN], because: 'a field of its own' },
    { fields: ['x-API-key', ` ${TOKEN} `], because: 'name in any case, blanks around it' },
    {
      fields: ['Authorization', `Bearer ${TOKEN}`, 'X-API-Key', TOKEN],
      because: 'the same token in two fields',
    },
    {
      fields: ['X-API-Key', TOKEN, 'Authorization', `Bearer ${TOKEN}`],
      settings: { tokenFields: SETTINGS.tokenFields.toReversed() },
      because: 'the same token, the scheme of the second apart',
    },
    {
      fields: ['Authorization', 'Basic dTpw', 'X-API-Key', TOKEN],
      because: 'another scheme is no token',
    },
    {
      fields: ['Authorization', 'Bearer', 'X-API-Key', TOKEN],
      because: 'an empty value is no token',
    },
    {
      fields: ['Authorization', `Basic ${OTHER}`, 'Cookie', OTHER, 'X-API-Key', TOKEN],
      because: 'what is not named is not read',
    },
    {
      target: `/p?a=b&token=${TOKEN}`,
      settings: QUERY,
      because: 'a parameter that a setting names',
    },
    {
      target: `/?token=${TOKEN.replace('kf', '%6bf')}`,
      settings: QUERY,
      because: 'escapes are decoded',
    },
    {
      isWebSocket: true,
      fields: [WS, `chat, keyfence.${TOKEN}`],
      because: 'an offered subprotocol',
    },
    {
      isWebSocket: true,
      fields: [WS, 'chat', WS, `keyfence.${TOKEN}`],
      because: 'a list over several lines',
    },
    {
      isWebSocket: true,
      fields: [WS, `keyfence.${TOKEN},keyfence.${TOKEN}`],
      because: 'the same offer twice is one token',
    },
    {
      fields: ['Authorization', `Key ${TOKEN}`],
      settings: {
        tokenFields: [
          { name: 'authorization', scheme: 'bearer' },
          { name: 'authorization', scheme: 'key' },
        ],
      },
      because: 'one field with two schemes is read once',
    },
  ])('$because: $fields $target', (given) => {
    expect(read(given)).toEqual({ kind: 'token', token: TOKEN })
  })

  test('a key of another shape is a token as it is', () => {
    const given = { fields: ['X-API-Key', 'sk-live/1+2=='], because: '' }
    expect(read(given)).toEqual({ kind: 'token', token: 'sk-live/1+2==' })
  })
})

test.each<{ text: string | undefined; gives: Credential; because: string }>([
  { text: undefined, gives: { kind: 'none' }, because: 'nothing was found' },
  { text: '', gives: { kind: 'none' }, because: 'nothing is no token' },
  { text: WRONG_CHECKSUM, gives: { kind: 'malformed' }, because: 'our prefix, another checksum' },
  { text: `Bearer ${TOKEN}`, gives: { kind: 'malformed' }, because: 'the scheme is no part of it' },
  { text: TOKEN, gives: { kind: 'token', token: TOKEN }, because: 'a token of ours' },
])('$text found by somebody else is $gives.kind: $because', ({ text, gives }) => {
  expect(parseCredential(text, 'kf_')).toEqual(gives)
})
