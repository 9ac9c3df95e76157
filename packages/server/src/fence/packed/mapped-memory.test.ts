import { expect, test } from 'vitest'
import { mappedMemory } from './mapped-memory.ts'

const MIB = 1024 * 1024

test.each([
  { octets: 0, gets: 0, because: 'nothing is asked for' },
  { octets: MIB, gets: MIB, because: 'it may come from the C heap' },
  { octets: MIB + 1, gets: 33 * MIB, because: 'it would stay in the C heap' },
  { octets: 33 * MIB - 1, gets: 33 * MIB, because: 'it may still come from the C heap' },
  { octets: 33 * MIB + 1, gets: 33 * MIB + 1, because: 'it gets a mapping of its own anyway' },
])('$octets octets of memory are $gets: $because', ({ octets, gets }) => {
  expect(mappedMemory(octets).byteLength).toBe(gets)
})
