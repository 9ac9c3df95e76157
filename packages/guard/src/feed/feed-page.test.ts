import { expect, test } from 'vitest'
import { parseFeedPage } from './feed-page.ts'

const HASH = '5'.repeat(64)

/** A page of one token, whose times are written as they stand here. */
const pageWith = (times: string): string => `{"epoch":"first","after":0,"revision":1,"head":1,
  "settings":{"tokenPrefix":"kf_","tokenFields":[],"tokenQuery":null,"httpsOriginsOnly":false,"forwardMetadata":false},
  "changes":[{"revision":1,"tokenId":"tok_1","kind":"saved","secrets":[{"hash":"${HASH}","endsAt":null}],
  "owner":"acme","metadata":{},"status":"active","mode":"enforce",${times},
  "domains":{"enabled":false,"entries":[]},"ips":{"enabled":false,"entries":[]}}]}`

function read(text: string) {
  const page = parseFeedPage(text)
  if (!page.ok) throw new Error(page.problem)
  return page.value
}

test.each([
  { times: '"notBefore":null,"expiresAt":null', kind: 'saved', because: 'no limit' },
  { times: '"notBefore":-0,"expiresAt":null', kind: 'saved', because: '1970, written oddly' },
  {
    times: '"notBefore":1e999,"expiresAt":null',
    kind: 'unreadable',
    because: 'beyond all numbers',
  },
  { times: '"notBefore":null,"expiresAt":-1', kind: 'unreadable', because: 'before 1970' },
  { times: '"notBefore":null,"expiresAt":"1"', kind: 'unreadable', because: 'a text' },
])('$kind, and the same once it was written: $because', ({ times, kind }) => {
  const text = pageWith(times)
  const { changes, written } = read(text)
  expect(changes).toMatchObject([{ kind, tokenId: 'tok_1', secrets: [{ hash: HASH }] }])
  const kept = read(JSON.stringify({ ...JSON.parse(text), changes: written }))
  expect(kept.changes).toEqual(changes)
})
