/** What a table keeps, and when it moves. That it finds the right records, packed-fence.test.ts says. */
import type { TokenText } from '@keyfence/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashToken, type TokenHash } from '../../token/token.ts'
import type { TokenChange } from '../change-feed.ts'
import { savedChange } from '../saved-change-fixture.ts'
import { digestOfHash } from './digest.ts'
import { HEAP_START, WORD_BYTES } from './heap.ts'
import { packRecord } from './pack-record.ts'
import { findRecord, forEachRecord } from './slots.ts'
import { TABLE_SIZES, type TableSizes, TokenTable } from './token-table.ts'
import { packedId } from './token-id.ts'

/** A token as far as these tests tell them apart. */
interface Told {
  readonly token: number
  readonly owner?: string
  /** Numbers of its secrets. */
  readonly secrets?: readonly number[]
  readonly domains?: readonly string[]
  /** It has no text then. */
  readonly isUnreadable?: boolean
}

const hashes = new Map<number, TokenHash>()

function hashOf(secret: number): TokenHash {
  const known = hashes.get(secret) ?? hashToken(`kf_${secret}` as TokenText)
  hashes.set(secret, known)
  return known
}

type PackedChange = Extract<TokenChange, { kind: 'saved' | 'unreadable' }>

function changeOf({ token, owner = 'acme', domains = [], ...told }: Told): PackedChange {
  const { secrets = [token], isUnreadable = false } = told
  const tokenId = `tok_${token}`
  const saved = savedChange({ revision: 1, tokenId, owner, hash: hashOf(0), domains })
  const listed = secrets.map((secret) => ({ hash: hashOf(secret), endsAt: undefined }))
  if (!isUnreadable) return { ...saved, secrets: listed }
  const { revision, tokenId: id } = saved
  return { kind: 'unreadable', revision, tokenId: id, owner, secrets: listed, because: 'status' }
}

const put = (table: TokenTable, told: Told): void => table.put(packRecord(changeOf(told)))

const remove = (table: TokenTable, token: number, secrets: readonly number[] = [token]): void => {
  const digests = secrets.map((secret) => digestOfHash(hashOf(secret)))
  table.remove(packedId(changeOf({ token }).tokenId), digests)
}

/** How many words a token's record takes up, and its text. */
function wordsOf(told: Told): { readonly record: number; readonly text: number } {
  const { words, text } = packRecord(changeOf(told))
  return { record: words.length, text: (text?.length ?? 0) / WORD_BYTES }
}

const newTable = (sizes: Partial<TableSizes> = {}): TokenTable =>
  new TokenTable({ ...TABLE_SIZES, ...sizes }, {})

/** How many offsets an index holds, which begins with them: one octet of each one's hash is behind. */
const offsetsIn = (index: Int32Array): number =>
  index.subarray(0, (index.length / 5) * 4).filter((offset) => offset > 0).length

const heapWords = (table: TokenTable): number => table.image().heap.length

describe('a text is kept once', () => {
  const [one, other] = [wordsOf({ token: 1 }), wordsOf({ token: 2, owner: 'other' })]

  test.each<{ tokens: readonly Told[]; words: number; because: string }>([
    { tokens: [{ token: 1 }], words: one.record + one.text, because: 'one token has it' },
    {
      tokens: [{ token: 1 }, { token: 2 }, { token: 3 }],
      words: 3 * one.record + one.text,
      because: 'three tokens have the same',
    },
    {
      tokens: [{ token: 1 }, { token: 2, owner: 'other' }, { token: 3 }],
      words: 2 * one.record + one.text + other.record + other.text,
      because: 'another owner has another',
    },
    {
      tokens: [{ token: 1, isUnreadable: true }],
      words: wordsOf({ token: 1, isUnreadable: true }).record,
      because: 'what is unreadable has none',
    },
  ])('$because', ({ tokens, words }) => {
    const table = newTable()
    for (const told of tokens) put(table, told)
    expect(heapWords(table)).toBe(HEAP_START + words)
  })

  test('however many there are', () => {
    const table = newTable()
    const owners = 3000
    for (let at = 0; at < 2 * owners; at++) put(table, { token: at, owner: `o${at % owners}` })
    expect(offsetsIn(table.image().texts)).toBe(owners)
  })
})

describe('memory moves when it is full, and not before', () => {
  const [record, text] = Object.values(wordsOf({ token: 1 }))
  const exactly = HEAP_START + 2 * (record ?? 0) + (text ?? 0)

  test.each([
    { heapWordsMin: exactly, generation: 1, because: 'both fit, the text being reckoned twice' },
    { heapWordsMin: exactly + 1, generation: 1, because: 'there is room' },
    { heapWordsMin: exactly - 1, generation: 2, because: 'a word is missing' },
  ])('the heap of $heapWordsMin words: $because', ({ heapWordsMin, generation }) => {
    // The first has the text of the second one already, which is told only once it is looked for.
    const table = newTable({ heapWordsMin: heapWordsMin + (text ?? 0) })
    put(table, { token: 1 })
    put(table, { token: 2 })
    expect(table.generation).toBe(generation)
    expect(table.heap.words.length).toBeGreaterThanOrEqual(heapWords(table))
  })

  test.each([
    { tokens: 8, generation: 1, because: 'eight in ten are used' },
    { tokens: 9, generation: 2, because: 'one more' },
  ])('ten slots for $tokens secrets: $because', ({ tokens, generation }) => {
    const table = newTable({ slotsMin: 10 })
    for (let at = 0; at < tokens; at++) put(table, { token: at })
    expect(table.generation).toBe(generation)
  })

  test('to twice as much, so that a table of many has moved a few times', () => {
    const table = newTable({ slotsMin: 1024, heapWordsMin: 1024 })
    for (let at = 0; at < 5000; at++) put(table, { token: at })
    // 9 times more slots, a quarter more each time, and 100 times the heap.
    expect(table.generation).toBeLessThan(20)
  })
})

describe('what is garbage goes', () => {
  const HEAP_WORDS = 2048

  test('a token that changes without end takes up no more than its share', () => {
    const table = newTable({ heapWordsMin: HEAP_WORDS })
    for (let at = 0; at < 5000; at++) {
      put(table, { token: 1, owner: `owner ${at}` })
      expect(heapWords(table)).toBeLessThan(HEAP_WORDS + 64)
    }
  })

  test('one of many takes up as much as all of them, and then nothing', () => {
    const table = newTable({ heapWordsMin: HEAP_WORDS })
    for (let at = 0; at < 500; at++) put(table, { token: at })
    const all = heapWords(table)
    expect(all).toBeGreaterThan(2 * HEAP_WORDS)
    let most = 0
    for (let at = 0; at < 3000; at++) {
      put(table, { token: 7, domains: [`s${at % 10}.example.com`] })
      most = Math.max(most, heapWords(table))
    }
    expect(most).toBeGreaterThan(1.9 * all)
    expect(most).toBeLessThan(2.1 * all)
  })

  test('a heap that is small is left as it is', () => {
    const table = newTable({ heapWordsMin: HEAP_WORDS })
    const { record, text } = wordsOf({ token: 1 })
    while (heapWords(table) + record + text <= HEAP_WORDS) put(table, { token: 1 })
    expect(table.generation).toBe(1)
  })
})

/** What happens to a token. */
type Step = { readonly put: Told } | { readonly removed: number; readonly told: readonly number[] }

const secretsOf = (token: number) =>
  fc.subarray([10 * token, 10 * token + 1, 10 * token + 2], { minLength: 0 })

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.nat(5).chain((token) =>
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          put: fc.record({
            token: fc.constant(token),
            owner: fc.constantFrom('a', 'acme', 'x'.repeat(90)),
            secrets: secretsOf(token),
            domains: fc.subarray(['a.com', 'b.com', 'www.c.com']),
            isUnreadable: fc.boolean(),
          }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ removed: fc.constant(token), told: secretsOf(token) }),
      },
    ),
  ),
  { minLength: 1, maxLength: 60 },
)

test('after whatever happened, the counts are those of what is there', () => {
  fc.assert(
    fc.property(steps, (happened) => {
      const table = newTable({ slotsMin: 4, heapWordsMin: 64 })
      const there = new Map<number, Told>()
      for (const step of happened) {
        if ('removed' in step) {
          remove(table, step.removed, step.told)
          there.delete(step.removed)
        } else {
          put(table, step.put)
          const isFound = (step.put.secrets ?? []).length > 0
          if (isFound) there.set(step.put.token, step.put)
          else there.delete(step.put.token)
        }
        expectCountsOf(table, [...there.values()])
      }
    }),
  )
})

function expectCountsOf(table: TokenTable, there: readonly Told[]): void {
  const { counts, slots, ids } = table.image()
  const secrets = there.flatMap((told) => told.secrets ?? [])
  expect(counts.secrets).toBe(secrets.length)
  expect(counts.recordWords).toBe(there.reduce((sum, told) => sum + wordsOf(told).record, 0))
  expect(offsetsIn(ids)).toBe(there.length)
  let found = 0
  forEachRecord(table.slots, () => found++)
  expect(found).toBe(secrets.length)
  const used = slots.filter((_, at) => at % 2 === 1 && slots[at] !== 0)
  expect(counts.slotsUsed).toBe(used.length)
  for (const secret of secrets) {
    expect(findRecord(table.slots, table.heap, digestOfHash(hashOf(secret)))).not.toBe(0)
  }
}

test.each<{ tokens: readonly Told[]; because: string }>([
  { tokens: [{ token: 1 }, { token: 2 }], because: 'one for both' },
  { tokens: [{ token: 1 }, { token: 2, owner: 'other' }], because: 'one for each' },
  { tokens: [{ token: 1, isUnreadable: true }], because: 'none' },
])('once compacted, the texts in use are counted: $because', ({ tokens }) => {
  const table = newTable({ heapWordsMin: 64 })
  for (const told of tokens) put(table, told)
  const passing = { token: 99, owner: 'passing' }
  for (let before = 0; before <= heapWords(table); put(table, passing)) before = heapWords(table)
  const texts = new Set([...tokens, passing].filter(isReadable).map(({ owner = 'acme' }) => owner))
  const words = [...texts].map((owner) => wordsOf({ token: 1, owner }).text)
  expect(table.image().counts.textWords).toBe(words.reduce((sum, of) => sum + of, 0))
})

const isReadable = ({ isUnreadable = false }: Told): boolean => !isUnreadable

test('what nobody knows is removed without a trace, also from a table of many', () => {
  const table = newTable()
  for (let at = 0; at < 3000; at++) put(table, { token: at, secrets: [at, 10_000 + at] })
  const { counts } = table.image()
  remove(table, 5000)
  expect(table.image().counts).toEqual(counts)
  // Each has one secret less, and one that is its own no more leads nowhere.
  for (let at = 0; at < 3000; at++) put(table, { token: at })
  expect(table.image().counts.secrets).toBe(3000)
  for (let at = 0; at < 3000; at++) {
    expect(findRecord(table.slots, table.heap, digestOfHash(hashOf(10_000 + at)))).toBe(0)
  }
})
