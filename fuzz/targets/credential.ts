import {
  type Credential,
  type CredentialSettings,
  formatToken,
  parseTokenText,
  queryValues,
  readCredential,
  withoutQueryParameter,
} from '@keyfence/core'
import { isDeepStrictEqual } from 'node:util'
import { mustHold, pureTarget, words } from '../target.ts'

const SETTINGS: CredentialSettings = {
  tokenFields: [
    { name: 'authorization', scheme: 'bearer' },
    { name: 'x-api-key', scheme: undefined },
  ],
  tokenQuery: 'token',
  tokenPrefix: 'kf_',
}
const GOOD = formatToken('kf_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7')

/** Where a token is read: the target on the first line, then a field on each (spec §6). */
export const credential = pureTarget({
  name: 'credential',
  shape: 'text',
  seeds: [
    `/v1?token=${GOOD}\nHost: a`,
    `/\nAuthorization: Bearer ${GOOD}\nX-API-Key: ${GOOD}`,
    `/chat\nSec-WebSocket-Protocol: chat, keyfence.${GOOD}`,
  ],
  pieces: [
    ...words('?token= &token= &tok%65n= &TOKEN= + %2B %00 %ff # sk_live_1 basic \u212a'),
    '\nAuthorization: Bearer ',
    '\nX-API-Key: ',
    '\nSec-WebSocket-Protocol: keyfence.',
    ', keyfence.',
    GOOD,
  ],
  lengthMax: 1500,
  run: (text) => {
    const [target = '', ...lines] = text.split('\n')
    const fields = lines.flatMap(fieldOf)
    const read = (ofFields: readonly string[], isWebSocket: boolean): Credential =>
      readCredential({ fields: ofFields, target, isWebSocket }, SETTINGS)
    const found = read(fields, false)
    tokenIsOneOfThose(found, text)
    tokenIsOneOfThose(read(fields, true), text)
    const repeated = read([...fields, 'x-api-key', GOOD, 'X-Api-Key', GOOD], false)
    mustHold(repeated.kind === 'ambiguous' || repeated.kind === 'malformed', 'a repeated field')
    const besides = read(
      [...fields, 'X-Api-Keys', GOOD, 'X_API_Key', GOOD, 'X-Real-IP', GOOD],
      false,
    )
    mustHold(isDeepStrictEqual(besides, found), 'no other field is read')
    parameterIsRemovedWhole(target)
  },
})

function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':')
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
}

function tokenIsOneOfThose(found: Credential, text: string): void {
  if (found.kind !== 'token') return
  mustHold(parseTokenText(found.token, SETTINGS.tokenPrefix) === found.token, 'it is a token')
  const isThere = text.includes(found.token) || queryValues(text, 'token').length > 0
  // A query may spell it in other characters.
  mustHold(isThere, 'it stands in the request')
}

function parameterIsRemovedWhole(target: string): void {
  const without = withoutQueryParameter(target, 'token')
  mustHold(queryValues(without, 'token').length === 0, 'no spelling of it stays')
  mustHold(withoutQueryParameter(without, 'token') === without, 'removing again changes nothing')
  mustHold(
    isDeepStrictEqual(queryValues(without, 'other'), queryValues(target, 'other')),
    'other parameters stay',
  )
}
