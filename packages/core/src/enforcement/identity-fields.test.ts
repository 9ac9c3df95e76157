import { describe, expect, test } from 'vitest'
import { compileRestrictions } from '../restriction/compile.ts'
import { UNRESTRICTED } from '../restriction/restrictions.ts'
import { answeredIdentity, identityFields, isIdentityField } from './identity-fields.ts'
import type { AllowVerdict } from './judge.ts'

const restrictions = compileRestrictions(UNRESTRICTED)
if (restrictions === undefined) throw new Error('no restrictions are sound')

const VERDICT: AllowVerdict = {
  effect: 'allow',
  reason: 'unrestricted',
  enforced: true,
  policy: {
    tokenId: 'tok_1',
    owner: 'acme:42',
    metadata: { plan: 'größe' },
    life: { status: 'active', notBefore: undefined, expiresAt: undefined },
    mode: 'enforce',
    restrictions,
  },
  source: { kind: 'browser', domain: undefined, because: 'domain_missing' },
  evidence: { origins: [], referers: [], forwardedFor: [], hasFetchSite: true },
}

const KNOWN = [
  'Keyfence-Token-Id',
  'tok_1',
  'Keyfence-Owner',
  'acme:42',
  'Keyfence-Source',
  'browser',
]

describe('the fields that say who calls', () => {
  test.each([
    { of: VERDICT, forwardMetadata: false, gives: KNOWN },
    {
      of: VERDICT,
      forwardMetadata: true,
      gives: [...KNOWN, 'Keyfence-Metadata', '{"plan":"gr\\u00f6\\u00dfe"}'],
    },
    {
      of: undefined,
      forwardMetadata: true,
      gives: KNOWN.map((text, at) => (at % 2 === 0 ? text : '')).concat('Keyfence-Metadata', ''),
    },
  ])('metadata $forwardMetadata', ({ of, forwardMetadata, gives }) => {
    expect(identityFields(of, { forwardMetadata })).toEqual(gives)
  })

  test.each([
    { forwardMetadata: false, metadata: '' },
    { forwardMetadata: true, metadata: '{"plan":"gr\\u00f6\\u00dfe"}' },
  ])('an answer has all of them, metadata $forwardMetadata', ({ forwardMetadata, metadata }) => {
    expect(answeredIdentity(VERDICT, { forwardMetadata }).flat()).toEqual([
      ...KNOWN,
      'Keyfence-Metadata',
      metadata,
    ])
  })

  test.each([
    { name: 'KEYFENCE_OWNER', is: true },
    { name: 'keyfence.token-id', is: true },
    { name: 'Keyfence-Owners', is: false },
    { name: 'X-Keyfence-Owner', is: false },
  ])('$name is one: $is', ({ name, is }) => expect(isIdentityField(name)).toBe(is))
})
