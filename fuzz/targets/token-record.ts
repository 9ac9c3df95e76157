import {
  decide,
  parseDomain,
  parseIpAddress,
  type RequestSource,
  type TokenLookup,
  type TokenText,
} from '@keyfence/core'
import { isDeepStrictEqual } from 'node:util'
import { mapFence } from '../../packages/server/src/fence/map-fence.ts'
import { packedFence } from '../../packages/server/src/fence/packed/packed-fence.ts'
import type { TokenId } from '../../packages/server/src/identifier/identifier.ts'
import { type ChangeParts, changeOf } from '../../packages/server/src/store/kysely/change-parts.ts'
import { hashToken } from '../../packages/server/src/token/token.ts'
import { mustHold, pureTarget, words } from '../target.ts'

const FUZZED = 'sk_fuzzed' as TokenText
const NEIGHBOUR = 'sk_neighbour' as TokenText
const FUZZED_ID = 'tok_019a2b3c-0000-7000-8000-000000000001' as TokenId
const NEIGHBOUR_ID = 'tok_019a2b3c-0000-7000-8000-000000000002' as TokenId
const GOOD_ROW = {
  owner: 'alice',
  metadata: '{"plan":"gold"}',
  status: 'active',
  mode: 'enforce',
  not_before: null,
  expires_at: 1_800_000_000_000,
  domains_enabled: 1,
  ips_enabled: 0,
}
const SEED = {
  ...GOOD_ROW,
  entries: [
    { list: 'domains', value: 'example.com', subdomains: 1, label: '' },
    { list: 'domains', value: '*.example.org', subdomains: 0, label: '' },
    { list: 'ips', value: '8.8.8.8', subdomains: 0, label: '' },
  ],
}
const SOURCES: readonly RequestSource[] = [
  ...['example.com', 'a.example.com', 'example.org', 'x.example.org', 'evil.example'].map(page),
  ...['8.8.8.8', '8.8.8.9', '::1'].map(server),
  { kind: 'browser', domain: undefined, because: 'domain_missing' },
  { kind: 'server', address: undefined, because: 'ip_unreadable' },
]

/** A token's rows as a damaged store may give them: what the fence makes of them. */
export const tokenRecord = pureTarget({
  name: 'token-record',
  shape: 'json',
  seeds: [SEED, { ...SEED, domains_enabled: 0, ips_enabled: 1, mode: 'report' }].map((row) =>
    JSON.stringify(row),
  ),
  pieces: [
    ...words('disabled revoked report {} [] {"a":1} 8.8.8.0/24 ::ffff:8.8.8.8 2606:4700::/32'),
    ...words('*.example.com *. localhost 0.0.0.0/0'),
    'x'.repeat(253),
  ],
  lengthMax: 4000,
  run: (text) => {
    const packed = packedFence({ sizes: { slotsMin: 4, heapWordsMin: 64 } })
    const map = mapFence()
    const neighbour = changeOf(partsOf(GOOD_ROW, NEIGHBOUR_ID, NEIGHBOUR))
    for (const fence of [packed, map]) fence.apply(neighbour)
    const before = told(packed.lookUp(NEIGHBOUR))

    const change = changeOf(partsOf(objectIn(text), FUZZED_ID, FUZZED))
    const isReadable = packed.apply(change)
    mustHold(map.apply(change) === isReadable, 'both fences can read it, or neither')
    const found = packed.lookUp(FUZZED)
    mustHold(found.state === (isReadable ? 'known' : 'unreadable'), 'what is damaged is refused')
    mustHold(isDeepStrictEqual(told(found), told(map.lookUp(FUZZED))), 'both fences say the same')
    mustHold(isDeepStrictEqual(told(packed.lookUp(NEIGHBOUR)), before), 'no other token changes')
  },
})

/** Texts are texts, in every store: what is fuzzed is what stands in them, and all else. */
function partsOf(
  row: Readonly<Record<string, unknown>>,
  tokenId: TokenId,
  secret: TokenText,
): ChangeParts {
  const entries = Array.isArray(row['entries']) ? row['entries'] : []
  return [
    1,
    tokenId,
    'alice',
    [
      textOf(row['owner']),
      textOf(row['metadata']),
      textOf(row['status']),
      textOf(row['mode']),
      row['not_before'],
      row['expires_at'],
      row['domains_enabled'],
      row['ips_enabled'],
    ],
    entries.map((value: unknown) => {
      const entry = Object(value) as Readonly<Record<string, unknown>> // of any value
      return [textOf(entry['list']), textOf(entry['value']), entry['subdomains'], '']
    }),
    [[hashToken(secret), row['ends_at'] ?? null]],
  ]
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown> // of any value
  } catch {
    return {}
  }
}

/** Stores keep UTF-8. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? '')
}

/** Everything that is said of a token, its decisions included. */
function told(lookup: TokenLookup): unknown {
  if (lookup.state !== 'known') return lookup.state
  const { tokenId, owner, metadata, mode, life, restrictions } = lookup.policy
  const { status, notBefore, expiresAt } = life
  const decisions = SOURCES.map((source) => decide(restrictions, source))
  return { tokenId, owner, metadata, mode, status, notBefore, expiresAt, decisions }
}

function page(host: string): RequestSource {
  const domain = parseDomain(host)
  if (domain === undefined) throw new Error(host)
  return { kind: 'browser', domain, mayMatch: true }
}

function server(text: string): RequestSource {
  const address = parseIpAddress(text)
  if (address === undefined) throw new Error(text)
  return { kind: 'server', address }
}
