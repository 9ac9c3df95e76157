import { expect, test } from 'vitest'
import type { CredentialLine, HeaderField } from '../case.ts'
import { tokenChecksum } from './checksum.ts'
import { referenceCredential } from './credential.ts'

const BODY = 'kf_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f'
const OURS = BODY + tokenChecksum(BODY)
const DAMAGED = OURS.replace('aB3', 'aB4')

test.each<{
  headers?: HeaderField[]
  target?: string
  socket?: boolean
  gives: string
  because: string
}>([
  { gives: 'none', because: 'nothing was sent' },
  { headers: [['Authorization', `Basic ${OURS}`]], gives: 'none', because: 'another scheme' },
  { headers: [['Authorization', 'Bearer ']], gives: 'none', because: 'an empty value' },
  { headers: [['X_API_Key', OURS]], gives: 'none', because: 'another field' },
  { headers: [protocol(`keyfence.${OURS}`)], gives: 'none', because: 'no WebSocket handshake' },
  { headers: [['X-API-Key', DAMAGED]], gives: 'malformed', because: 'the checksum is wrong' },
  { headers: [['X-API-Key', OURS.slice(0, -1)]], gives: 'malformed', because: 'too short' },
  { headers: [['X-API-Key', 'x'.repeat(513)]], gives: 'malformed', because: 'over-long' },
  { headers: [['X-API-Key', 'a,b']], gives: 'malformed', because: 'a comma' },
  { headers: [['Authorization', 'Bearer a b']], gives: 'malformed', because: 'a blank' },
  {
    headers: [
      ['X-API-Key', DAMAGED],
      ['Authorization', `Bearer ${OURS}`],
    ],
    gives: 'malformed',
    because: 'malformed comes before ambiguous',
  },
  {
    headers: [
      ['X-API-Key', OURS],
      ['x-api-key', OURS],
    ],
    gives: 'ambiguous',
    because: 'a repeated field, though the tokens are equal',
  },
  {
    headers: [
      ['X-API-Key', OURS],
      ['Authorization', 'Bearer other'],
    ],
    gives: 'ambiguous',
    because: 'two different tokens',
  },
  { target: `/?key=a&key=a`, gives: 'ambiguous', because: 'a repeated parameter' },
  {
    headers: [protocol('keyfence.a, keyfence.b')],
    socket: true,
    gives: 'ambiguous',
    because: 'two different tokens',
  },
  {
    headers: [
      ['X-API-Key', OURS],
      ['Authorization', `bEARER  ${OURS}`],
    ],
    gives: `=${OURS}`,
    because: 'the same token in two places',
  },
  { headers: [['x-api-key', ' sk_live ']], gives: '=sk_live', because: 'an imported key' },
  { headers: [['X-API-Key', 'x'.repeat(512)]], gives: `=${'x'.repeat(512)}`, because: '512 fit' },
  { target: '/?a=1&k%65y=a%2Bb', gives: '=a+b', because: 'percent-decoded' },
  {
    headers: [protocol(`chat, keyfence.${OURS}`)],
    socket: true,
    gives: `=${OURS}`,
    because: 'an offered subprotocol',
  },
])('$headers $target: $because', ({ headers = [], target = '/', socket = false, gives }) => {
  const answer = referenceCredential({ ...DEFAULTS, headers, target, webSocket: socket })
  expect(answer.kind === 'token' ? `=${answer.token}` : answer.kind).toBe(gives)
})

test('the parameter is not read unless the setting names it', () => {
  const line = { ...DEFAULTS, tokenQuery: null, target: `/?key=${OURS}` }
  expect(referenceCredential(line)).toEqual({ kind: 'none' })
})

const DEFAULTS: CredentialLine = {
  tokenFields: ['Authorization: Bearer', 'X-API-Key'],
  tokenQuery: 'key',
  prefix: 'kf_',
  headers: [],
  target: '/',
  webSocket: false,
}

function protocol(value: string): HeaderField {
  return ['Sec-WebSocket-Protocol', value]
}
