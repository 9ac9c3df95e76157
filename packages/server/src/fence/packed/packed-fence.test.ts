import {
  type CompiledRestrictions,
  decide,
  type DomainEntry,
  type IpEntry,
  parseDomain,
  parseIpAddress,
  type RequestSource,
  type Restrictions,
  type TokenLookup,
  type TokenText,
} from '@keyfence/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TokenId } from '../../identifier/identifier.ts'
import { hashToken } from '../../token/token.ts'
import type { Revision, TokenChange, TokenRecord } from '../change-feed.ts'
import type { Fence } from '../fence.ts'
import { mapFence } from '../map-fence.ts'
import { savedChange } from '../saved-change-fixture.ts'
import { openPackedFence } from './open-packed-fence.ts'
import { packedFence } from './packed-fence.ts'

/** So small that a few tokens make it grow, collide and compact. */
const TINY = { slotsMin: 4, heapWordsMin: 64 }

const uuidId = (tail: number): TokenId =>
  `tok_019a2b3c-0000-7000-8000-${String(tail).padStart(12, '0')}` as TokenId

const DOMAINS = ['example.com', 'www.example.com', 'example.com.evil.net', 'evil-example.com']
const ADDRESSES = ['8.8.8.8', '8.8.4.4', '255.255.255.255', '2001:4860:4860::8888', '2001:db8::1']

const SOURCES: readonly RequestSource[] = [
  ...[...DOMAINS, 'a.b.example.com', 'om', 'net'].map(
    (host): RequestSource => ({ kind: 'browser', domain: domain(host), mayMatch: true }),
  ),
  { kind: 'browser', domain: domain('example.com'), mayMatch: false },
  { kind: 'browser', domain: undefined, because: 'domain_missing' },
  ...ADDRESSES.map((text): RequestSource => ({ kind: 'server', address: address(text) })),
  { kind: 'server', address: undefined, because: 'ip_unreadable' },
]

function domain(host: string) {
  const parsed = parseDomain(host)
  if (parsed === undefined) throw new Error(host)
  return parsed
}

function address(text: string) {
  const parsed = parseIpAddress(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

/** Everything that a fence says of a token, its decisions included. */
function told(lookup: TokenLookup): unknown {
  if (lookup.state !== 'known') return lookup
  const { tokenId, owner, metadata, mode, life, restrictions } = lookup.policy
  return {
    secretEndsAt: lookup.secretEndsAt,
    policy: { tokenId, owner, metadata, mode },
    life: { status: life.status, notBefore: life.notBefore, expiresAt: life.expiresAt },
    decisions: decisions(restrictions),
  }
}

function decisions(restrictions: CompiledRestrictions): unknown {
  return SOURCES.map((source) => decide(restrictions, source))
}

const tokenText = (token: number, secret: number): TokenText => `t${token}.${secret}` as TokenText
const TOKENS = 8
const SECRETS = 4
const TEXTS = Array.from({ length: TOKENS }, (_, token) =>
  Array.from({ length: SECRETS }, (__, secret) => tokenText(token, secret)),
).flat()

const times = fc.option(fc.integer({ min: 0, max: 2 ** 45 }), { nil: undefined })

const domainEntries: fc.Arbitrary<DomainEntry> = fc.record({
  value: fc.constantFrom(...DOMAINS, ...DOMAINS.map((host) => `*.${host}`), '*.not a domain'),
  subdomains: fc.boolean(),
  label: fc.constant(''),
})

const ipEntries: fc.Arbitrary<IpEntry> = fc.record({
  value: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...ADDRESSES) },
    { weight: 6, arbitrary: fc.nat(31).map((length) => `8.8.8.8/${length + 1}`) },
    { weight: 6, arbitrary: fc.nat(127).map((length) => `2001:4860:4860::8888/${length + 1}`) },
    { weight: 1, arbitrary: fc.constant('999.1.1.1') },
  ),
  label: fc.constant(''),
})

const restrictions: fc.Arbitrary<Restrictions> = fc.record({
  domains: fc.record({
    enabled: fc.boolean(),
    entries: fc.array(domainEntries, { maxLength: 4 }),
  }),
  ips: fc.record({ enabled: fc.boolean(), entries: fc.array(ipEntries, { maxLength: 4 }) }),
})

const records: fc.Arbitrary<Omit<TokenRecord, 'tokenId'>> = fc.record({
  owner: fc.constantFrom('acme', 'globex', 'o'.repeat(128), '', 'mañana'),
  metadata: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
  ),
  status: fc.constantFrom('active', 'disabled', 'revoked'),
  mode: fc.constantFrom('enforce', 'report'),
  notBefore: times,
  expiresAt: times,
  restrictions,
})

const secretSets = fc.uniqueArray(fc.record({ secret: fc.nat(SECRETS - 1), endsAt: times }), {
  selector: ({ secret }) => secret,
})

const changes: fc.Arbitrary<TokenChange | 'clear'> = fc
  .record({
    token: fc.nat(TOKENS - 1),
    secrets: secretSets,
    record: records,
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constant('saved' as const) },
      { weight: 4, arbitrary: fc.constant('removed' as const) },
      { weight: 2, arbitrary: fc.constant('unreadable' as const) },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    ),
  })
  .map(({ token, secrets, record, kind }) => {
    // Every second id is one of ours, the others are texts.
    const tokenId = token % 2 === 0 ? uuidId(token) : (`tok_${token}` as TokenId)
    const base = {
      revision: 1 as Revision,
      tokenId,
      owner: record.owner,
      secrets: secrets.map(({ secret, endsAt }) => ({
        hash: hashToken(tokenText(token, secret)),
        endsAt,
      })),
    }
    if (kind === 'clear') return kind
    if (kind === 'removed') return { ...base, kind }
    if (kind === 'unreadable') return { ...base, kind, because: 'status' }
    return { ...base, kind, record: { ...record, tokenId } }
  })

function make(fence: Fence, change: TokenChange | 'clear'): boolean | undefined {
  return change === 'clear' ? (fence.clear() as undefined) : fence.apply(change)
}

describe('the packed fence says what the Map says', () => {
  test('after every change: each look-up, each decision, by the writer and by a reader', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 60 }), (sequence) => {
        const map = mapFence()
        const packed = packedFence({ sizes: TINY })
        const read = openPackedFence(packed.memory, () => packed.memory)
        for (const change of sequence) {
          expect(make(packed, change)).toBe(make(map, change))
          expect(packed.size).toBe(map.size)
          for (const text of TEXTS) {
            const expected = told(map.lookUp(text))
            expect(told(packed.lookUp(text))).toEqual(expected)
            expect(told(read(text))).toEqual(expected)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  test('an image of it goes on where it stood', () => {
    fc.assert(
      fc.property(
        fc.array(changes, { maxLength: 30 }),
        fc.array(changes, { maxLength: 30 }),
        (before, after) => {
          const map = mapFence()
          const first = packedFence({ sizes: TINY })
          for (const change of before) {
            make(first, change)
            make(map, change)
          }
          const packed = packedFence({ sizes: TINY, image: first.image() })
          for (const change of after) {
            make(packed, change)
            make(map, change)
          }
          expect(packed.size).toBe(map.size)
          for (const text of TEXTS) {
            expect(told(packed.lookUp(text))).toEqual(told(map.lookUp(text)))
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

test('whoever reads its memory is told whenever that moves, and at no other change', () => {
  const asked: number[] = []
  const packed = packedFence({ sizes: TINY, moved: ({ generation }) => asked.push(generation) })
  const seen: number[] = []
  for (let at = 0; at < 200; at++) {
    const { generation } = packed.memory
    packed.apply(
      savedChange({ revision: at, tokenId: `tok_${at}`, hash: hashToken(tokenText(at, 0)) }),
    )
    if (packed.memory.generation !== generation) seen.push(packed.memory.generation)
  }
  expect(asked).toEqual(seen)
  expect(asked.length).toBeGreaterThan(2)
  expect(asked.length).toBeLessThan(50)
})

describe('records of any size', () => {
  interface Count {
    readonly domains?: number
    readonly ips?: number
    readonly secrets?: number
  }

  /** One token with so many of each, the last domain and address among the sources of decisions. */
  function sized(count: Count): TokenChange {
    const { secrets = 1, domains = 0, ips = 0 } = count
    const list = <Value>(length: number, last: Value, other: (at: number) => Value): Value[] =>
      Array.from({ length }, (_, at) => (at === length - 1 ? last : other(at)))
    const names = list(domains, 'www.example.com', (at) => `s${at}.example.net`)
    const addresses = list(ips, '2001:4860:4860::8888', (at) => `9.9.${at >> 8}.${at & 255}`)
    return change(
      {
        domains: {
          enabled: true,
          entries: names.map((value) => ({ value, subdomains: false, label: '' })),
        },
        ips: { enabled: true, entries: addresses.map((value) => ({ value, label: '' })) },
      },
      { secrets },
    )
  }

  function change(
    listed: Restrictions,
    { secrets = 1, owner = 'acme', metadata = {} }: Partial<Kept> = {},
  ): TokenChange {
    const tokenId = uuidId(1)
    return {
      kind: 'saved',
      revision: 1 as Revision,
      tokenId,
      owner,
      secrets: Array.from({ length: secrets }, (_, secret) => ({
        hash: hashToken(tokenText(1, secret)),
        endsAt: secret === secrets - 1 ? 2 ** 40 : undefined,
      })),
      record: {
        tokenId,
        owner,
        metadata,
        status: 'active',
        mode: 'enforce',
        notBefore: 1,
        expiresAt: 2 ** 41,
        restrictions: listed,
      },
    }
  }

  interface Kept {
    readonly secrets: number
    readonly owner: string
    readonly metadata: Record<string, string>
  }

  test.each<Count & { because: string }>([
    // Each needs more room than was made before it: these two come first, or would have to be huge.
    { secrets: 500, because: 'secrets alone take up room' },
    { ips: 10_000, because: 'addresses alone take up room' },
    { domains: 127, ips: 127, secrets: 127, because: 'the most that the head counts' },
    { domains: 128, because: 'more domains than the head counts' },
    { ips: 128, because: 'more addresses than the head counts' },
    { secrets: 128, because: 'more secrets than the head counts' },
    { domains: 2000, ips: 1000, secrets: 300, because: 'more than anything before it' },
  ])('say what the Map says: $because', (count) => {
    const map = mapFence()
    const packed = packedFence({ sizes: TINY })
    // Twice, so that the second takes the place of the first, and a smaller one after it.
    for (const of of [count, count, {}]) {
      expect(make(packed, sized(of))).toBe(make(map, sized(of)))
      expect(packed.size).toBe(map.size)
      for (const secret of [0, 1, 126, 127, 128, 299]) {
        const text = tokenText(1, secret)
        expect(told(packed.lookUp(text))).toEqual(told(map.lookUp(text)))
      }
    }
  })

  const OFF = { enabled: false, entries: [] }
  const unrestricted = { domains: OFF, ips: OFF }

  test.each<{ kept: Partial<Kept>; because: string }>([
    { kept: { owner: 'o'.repeat(4095) }, because: 'the longest owner' },
    { kept: { owner: '\u00f1'.repeat(2047) }, because: 'the longest owner of two octets each' },
    { kept: { metadata: { a: 'b'.repeat(2 ** 20 - 9) } }, because: 'the longest metadata' },
  ])('is read as it was packed: $because', ({ kept }) => {
    const packed = packedFence({ sizes: TINY })
    expect(packed.apply(change(unrestricted, kept))).toBe(true)
    const { owner = 'acme', metadata = {} } = kept
    expect(packed.lookUp(tokenText(1, 0))).toMatchObject({ policy: { owner, metadata } })
  })

  test.each<{ kept: Partial<Kept>; because: string }>([
    { kept: { owner: 'o'.repeat(4096) }, because: 'an owner of more octets than are counted' },
    { kept: { owner: '\u00f1'.repeat(2048) }, because: 'octets count, not characters' },
    { kept: { metadata: { a: 'b'.repeat(2 ** 20 - 8) } }, because: 'metadata of 1 MiB' },
  ])('is refused: $because', ({ kept }) => {
    const packed = packedFence({ sizes: TINY })
    expect(packed.apply(change(unrestricted, kept))).toBe(false)
    expect(packed.lookUp(tokenText(1, 0)).state).toBe('unreadable')
  })
})
