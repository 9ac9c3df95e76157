import { isDeepStrictEqual } from 'node:util'
import { TokenCopy } from '../../packages/guard/src/copy/token-copy.ts'
import { type FeedChange, parseFeedPage } from '../../packages/guard/src/feed/feed-page.ts'
import { mustHold, pureTarget } from '../target.ts'

const HASH = '5'.repeat(64)
const NEIGHBOUR = 'e'.repeat(64)
const SAVED = {
  revision: 1,
  tokenId: 'tok_fuzzed',
  kind: 'saved',
  secrets: [{ hash: HASH, endsAt: null }],
  owner: 'alice',
  metadata: { plan: 'gold' },
  status: 'active',
  mode: 'enforce',
  notBefore: null,
  expiresAt: 1_800_000_000_000,
  domains: { enabled: true, entries: [{ value: 'example.com', subdomains: true }] },
  ips: { enabled: false, entries: ['8.8.8.8'] },
}
const PAGE = {
  epoch: 'first',
  after: 0,
  revision: 4,
  head: 9,
  settings: {
    tokenPrefix: 'kf_',
    tokenFields: [{ name: 'authorization', scheme: 'bearer' }],
    tokenQuery: null,
    httpsOriginsOnly: false,
    forwardMetadata: false,
  },
  changes: [
    SAVED,
    { revision: 2, tokenId: 'tok_gone', kind: 'removed' },
    {
      revision: 3,
      tokenId: 'tok_bad',
      kind: 'unreadable',
      secrets: [{ hash: 'a'.repeat(64), endsAt: 5 }],
    },
  ],
}

/** An answer of `GET /v1/feed` as it reaches a guard. */
export const feedPage = pureTarget({
  name: 'feed-page',
  shape: 'json',
  seeds: [JSON.stringify(PAGE)],
  pieces: [
    'saved',
    'removed',
    'unreadable',
    'revoked',
    'report',
    HASH,
    'b'.repeat(64),
    '*.example.com',
    '__proto__',
  ],
  lengthMax: 6000,
  run: (text) => {
    const page = parseFeedPage(text)
    if (!page.ok) {
      mustHold(page.problem === 'the feed gave no readable page', 'nothing of the text is told')
      return
    }
    const { changes, written, after, revision, head } = page.value
    mustHold(after <= revision && revision <= head, 'a page is in order')
    const kept = parseFeedPage(JSON.stringify({ ...JSON.parse(text), changes: written }))
    mustHold(kept.ok && isDeepStrictEqual(kept.value.changes, changes), 'a snapshot keeps the same')
    appliedBesideAnother(changes)
  },
})

function appliedBesideAnother(changes: readonly FeedChange[]): void {
  const copy = new TokenCopy()
  const neighbour = parseFeedPage(
    JSON.stringify({
      ...PAGE,
      changes: [
        { ...SAVED, tokenId: 'tok_neighbour', secrets: [{ hash: NEIGHBOUR, endsAt: null }] },
      ],
    }),
  )
  if (!neighbour.ok) throw new Error('the page of the neighbour is one')
  for (const change of neighbour.value.changes) copy.apply(change)
  const before = copy.lookUp(NEIGHBOUR)
  for (const change of changes) {
    const isReadable = copy.apply(change)
    for (const { hash } of 'secrets' in change ? change.secrets : []) {
      const found = copy.lookUp(hash)
      mustHold(found.state === (isReadable ? 'known' : 'unreadable'), 'what is damaged is refused')
      mustHold(found.state !== 'known' || found.policy.tokenId === change.tokenId, 'its own token')
    }
  }
  const isNamed = changes.some(
    (change) =>
      change.tokenId === 'tok_neighbour' ||
      ('secrets' in change && change.secrets.some(({ hash }) => hash === NEIGHBOUR)),
  )
  mustHold(isNamed || copy.lookUp(NEIGHBOUR) === before, 'no other token changes')
}
