import { expect, test } from 'vitest'
import { readKeptSeeds } from './kept-seeds.ts'
import { simulate } from './simulate.ts'

const SEEDS = 300
const SEEDS_PER_TEST = 10

test('the same seed is the same run', async () => {
  const [one, other] = [await simulate({ seed: 1 }), await simulate({ seed: 1 })]
  expect(other).toEqual(one)
  expect(one.decisions).toBeGreaterThan(100)
})

test.each(readKeptSeeds())('seed $seed, once wrong: $because', async (plan) => {
  const { failure, trace } = await simulate(plan)
  expect(failure, trace.join('\n')).toBeUndefined()
})

const firsts = Array.from({ length: SEEDS / SEEDS_PER_TEST }, (_, at) => 1 + at * SEEDS_PER_TEST)

test.each(firsts)(
  'whatever goes wrong, every decision is right: 10 seeds from %i',
  async (first) => {
    for (let seed = first; seed < first + SEEDS_PER_TEST; seed++) {
      const { failure, trace } = await simulate({ seed })
      expect(failure, `seed ${seed}\n${trace.join('\n')}`).toBeUndefined()
    }
  },
)
