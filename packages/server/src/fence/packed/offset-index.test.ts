import { describe, expect, test } from 'vitest'
import { hashOctets, OffsetIndex } from './offset-index.ts'

const COUNT = 4096

/** Ids as they are given: of one time, and counted up. */
const IDS = Array.from({ length: COUNT }, (_, at) => {
  const octets = Buffer.from('019a2b3c000070008000000000000000', 'hex')
  octets.writeUInt32BE(at, 12)
  return octets
})

describe('the hash of some octets', () => {
  test('spreads ids that are nearly the same over the places, and over the tags', () => {
    const hashes = IDS.map((octets) => hashOctets(octets))
    expect(new Set(hashes).size).toBe(COUNT)
    // By chance 63 % of as many places are taken, and each of 256 tags 16 times.
    const places = new Set(hashes.map((hash) => hash >>> 20))
    expect(places.size / COUNT).toBeCloseTo(1 - 1 / Math.E, 1)
    expect(new Set(hashes.map((hash) => hash & 0xff)).size).toBe(256)
  })

  test('depends on each octet and on their order', () => {
    const octets = Buffer.from('keyfence')
    const hashes = new Set([hashOctets(octets), hashOctets(Buffer.from('ekyfence'))])
    for (let at = 0; at < octets.length; at++) {
      const other = Buffer.from(octets)
      other.writeUInt8(other.readUInt8(at) ^ 1, at)
      hashes.add(hashOctets(other))
    }
    expect(hashes.size).toBe(2 + octets.length)
  })
})

describe.each<{ name: string; hashAt: (offset: number) => number }>([
  {
    name: 'of contents with hashes of their own',
    hashAt: (offset) => Math.imul(offset, 0x9e3779b9),
  },
  { name: 'of contents with the same hash', hashAt: () => 7 },
  { name: 'whose contents all begin at the last place', hashAt: () => -1 },
  { name: 'of contents with the same place and other tags', hashAt: (offset) => offset & 0xff },
])('an index $name', ({ hashAt }) => {
  const find = (index: OffsetIndex, offset: number): number =>
    index.find(hashAt(offset), (found) => found === offset)

  test('finds what was added, and nothing else', () => {
    const index = new OffsetIndex(hashAt)
    for (let offset = 1; offset <= 300; offset++) {
      expect(find(index, offset)).toBe(0)
      index.add(hashAt(offset), offset)
    }
    for (let offset = 1; offset <= 300; offset++) expect(find(index, offset)).toBe(offset)
  })

  test('finds nothing in the place of what was taken out, and the rest behind it', () => {
    const index = new OffsetIndex(hashAt)
    for (let offset = 1; offset <= 40; offset++) index.add(hashAt(offset), offset)
    for (let offset = 1; offset <= 40; offset += 2) index.replace(hashAt(offset), offset, undefined)
    for (let offset = 1; offset <= 40; offset++) {
      expect(find(index, offset)).toBe(offset % 2 === 0 ? offset : 0)
    }
  })

  test('goes on from the table of another', () => {
    const first = new OffsetIndex(hashAt)
    for (let offset = 1; offset <= 30; offset++) first.add(hashAt(offset), offset)
    first.replace(hashAt(3), 3, undefined)
    const index = new OffsetIndex(hashAt, first.table.slice())
    for (let offset = 31; offset <= 90; offset++) index.add(hashAt(offset), offset)
    for (let offset = 1; offset <= 90; offset++) {
      expect(find(index, offset)).toBe(offset === 3 ? 0 : offset)
    }
  })

  test('takes up no more for what has come and gone', () => {
    const index = new OffsetIndex(hashAt)
    for (let offset = 1; offset <= 2000; offset++) {
      index.add(hashAt(offset), offset)
      index.replace(hashAt(offset), offset, undefined)
    }
    expect(index.table.length).toBeLessThan(100)
  })
})

test('another offset stands in the place of the earlier one, for the same content', () => {
  const index = new OffsetIndex(() => 7)
  index.add(7, 1)
  index.replace(7, 1, 2)
  index.replace(7, 1, 3)
  expect(index.find(7, () => true)).toBe(2)
})

test('what cannot be the one for its tag is not asked', () => {
  const index = new OffsetIndex((offset) => offset)
  index.add(1, 1)
  expect(
    index.find(2, () => {
      throw new Error('asked')
    }),
  ).toBe(0)
})
