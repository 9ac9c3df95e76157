import { describe, expect, test } from 'vitest'
import { compare } from './agreement.ts'
import { chunksOf, runChunk } from './chunk.ts'
import { readKeptCases } from './kept-cases.ts'

describe('the shipped code and the reference agree', () => {
  test('on every case that once differed', () => {
    const differences = readKeptCases()
      .map(compare)
      .filter(({ agrees }) => !agrees)
    expect(differences).toEqual([])
  })

  test.each(chunksOf({ cases: 20_000, seed: 20_260_101, kind: null }))(
    'on $cases generated cases of kind $kind, seed $seed',
    (chunk) => {
      expect(runChunk(chunk).difference).toBeNull()
    },
  )
})
