import { parseDomain, parseIpAddress } from '@keyfence/core'
import { expect, test } from 'vitest'
import type { TokenId } from '../../identifier/identifier.ts'
import type { TokenHash } from '../../token/token.ts'
import { savedChange } from '../saved-change-fixture.ts'
import { newHeap, WORD_BYTES } from './heap.ts'
import { matchesDomains, matchesIps } from './lists.ts'
import { packRecord } from './pack-record.ts'
import { recordWords } from './record.ts'
import { hasId, packedId } from './token-id.ts'

const AT = 5
const UUID = 'tok_019a2b3c-0000-7000-8000-000000000001' as TokenId
const TEXT = 'tok_1' as TokenId

interface Listed {
  readonly tokenId?: TokenId
  readonly domains?: readonly string[]
  readonly ips?: readonly string[]
}

/** A heap in which the record stands, with these octets behind it and again and again to the end. */
function heapWith({ tokenId = UUID, domains = [], ips = [] }: Listed, behind: Buffer) {
  const hash = '1'.repeat(64) as TokenHash
  const { words } = packRecord(savedChange({ revision: 1, tokenId, hash, domains, ips }))
  const heap = newHeap(256)
  heap.words.set(words, AT)
  heap.octets.fill(behind, (AT + words.length) * WORD_BYTES)
  return { heap, length: words.length }
}

test.each<Listed & { because: string }>([
  { because: 'nothing is listed' },
  { tokenId: TEXT, because: 'an id that is a text' },
  { domains: ['example.com'], because: 'a domain' },
  { ips: ['8.8.8.8'], because: 'an address of four octets' },
  { ips: ['2001:4860::1'], because: 'an address of sixteen' },
  { domains: ['a.example'], ips: ['8.8.8.0/24', '2001:4860::/32', '9.9.9.9'], because: 'all' },
])('a record knows where it ends, whatever stands behind it: $because', (listed) => {
  for (const octet of [0, 1, 63, 255]) {
    const { heap, length } = heapWith(listed, Buffer.from([octet]))
    expect(recordWords(heap, AT)).toBe(length)
  }
})

test('what stands behind the last entry is none, though it looks like one', () => {
  const domain = parseDomain('example.org')
  const address = parseIpAddress('9.9.9.9')
  if (domain === undefined || address === undefined) throw new Error('both are')
  // With its length octet a whole number of words, so that the next thing follows at once.
  const named = heapWith({ domains: ['abc'] }, Buffer.from('\u000bexample.org'))
  expect(matchesDomains(named.heap, AT, domain)).toBe(false)
  const addressed = heapWith({ domains: ['ab.cd.e'] }, Buffer.from([32, 9, 9, 9, 9]))
  expect(matchesIps(addressed.heap, AT, address)).toBe(false)
})

test('an id is the record’s if kind, length and octets are', () => {
  const ours = heapWith({ tokenId: UUID }, Buffer.alloc(1)).heap
  const text = heapWith({ tokenId: TEXT }, Buffer.alloc(1)).heap
  const last = UUID.replace(/1$/, '2') as TokenId
  expect([UUID, last, TEXT].map((id) => hasId(ours, AT, packedId(id)))).toEqual([
    true,
    false,
    false,
  ])
  const others = [UUID, TEXT, 'tok_2', 'tok_', 'tok_12'].map((id) =>
    hasId(text, AT, packedId(id as TokenId)),
  )
  expect(others).toEqual([false, true, false, false, false])
})
