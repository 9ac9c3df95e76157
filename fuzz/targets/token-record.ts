import {
  decide,
  parseDomain,
  parseIpAddress,
  type RequestSource,
  type TokenLookup,
  type TokenText,
} from '@keyfence/core'
import { isDeepStrictEqual } from 'node:util'
import type { Revision, TokenChange } from '../../packages/server/src/fence/change-feed.ts'
import { mapFence } from '../../packages/server/src/fence/map-fence.ts'
import { packedFence } from '../../packages/server/src/fence/packed/packed-fence.ts'
import type { TokenId } from '../../packages/server/src/identifier/identifier.ts'
import { recordOf } from '../../packages/server/src/store/kysely/feed.ts'
import { hashToken } from '../../packages/server/src/token/token.ts'
import { mustHold, pureTarget, words } from '../target.ts'

type Row = Parameters<typeof recordOf>[0]
type EntryRow = Parameters<typeof recordOf>[1][number]

const FUZZED = 'sk_fuzzed' as TokenText
const NEIGHBOUR = 'sk_neighbour' as TokenText
const FUZZED_ID = 'tok_019a2b3c-0000-7000-8000-000000000001' as TokenId
const NEIGHBOUR_ID = 'tok_019a2b3c-0000-7000-8000-000000000002' as TokenId
const GOOD_ROW: Row = {
  id: FUZZED_ID,
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
    const neighbour = changeOf(NEIGHBOUR, NEIGHBOUR_ID, recordOf(GOOD_ROW, []))
    for (const fence of [packed, map]) fence.apply(neighbour)
    const before = told(packed.lookUp(NEIGHBOUR))

    const { row, entries } = rowsOf(text)
    const change = changeOf(FUZZED, FUZZED_ID, recordOf(row, entries))
    const isReadable = packed.apply(change)
    mustHold(map.apply(change) === isReadable, 'both fences can read it, or neither')
    const found = packed.lookUp(FUZZED)
    mustHold(found.state === (isReadable ? 'known' : 'unreadable'), 'what is damaged is refused')
    mustHold(isDeepStrictEqual(told(found), told(map.lookUp(FUZZED))), 'both fences say the same')
    mustHold(isDeepStrictEqual(told(packed.lookUp(NEIGHBOUR)), before), 'no other token changes')
  },
})

function changeOf(
  secret: TokenText,
  tokenId: TokenId,
  read: ReturnType<typeof recordOf>,
): TokenChange {
  const secrets = [{ hash: hashToken(secret), endsAt: undefined }]
  const base = { revision: 1 as Revision, tokenId, owner: 'alice', secrets }
  if (read.kind === 'unreadable') return { ...base, ...read }
  return { ...base, kind: 'saved', record: { ...read.record, tokenId } }
}

/** Columns keep their types, in every store: what is fuzzed is what stands in them. */
function rowsOf(text: string): { readonly row: Row; readonly entries: readonly EntryRow[] } {
  const given = objectIn(text)
  const entries = Array.isArray(given['entries']) ? given['entries'] : []
  return {
    row: {
      id: FUZZED_ID,
      owner: textOf(given['owner']),
      metadata: textOf(given['metadata']),
      status: textOf(given['status']),
      mode: textOf(given['mode']),
      not_before: timeOf(given['not_before']),
      expires_at: timeOf(given['expires_at']),
      domains_enabled: given['domains_enabled'] === 1 ? 1 : 0,
      ips_enabled: given['ips_enabled'] === 1 ? 1 : 0,
    },
    entries: entries.map((value: unknown): EntryRow => {
      const entry = Object(value) as Readonly<Record<string, unknown>> // of any value
      return {
        list: entry['list'] === 'ips' ? 'ips' : 'domains',
        value: textOf(entry['value']),
        subdomains: entry['subdomains'] === 1 ? 1 : 0,
        label: '',
      }
    }),
  }
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

function timeOf(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null
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
