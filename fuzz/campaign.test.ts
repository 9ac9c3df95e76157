import { describe, expect, test } from 'vitest'
import { campaign, type CampaignResult } from './campaign.ts'
import { pureTarget } from './target.ts'

const SECRET = 'kf:8'

/**
 * Breaks when the whole secret stands at the beginning: one in 10^9 or so by chance alone, some
 * thousands of tries for who sees that each right character takes another branch.
 */
function planted(options: { readonly tells: boolean }) {
  const counts = new Uint32Array(8)
  const target = pureTarget({
    name: 'planted',
    shape: 'text',
    seeds: ['nothing'],
    pieces: ['-'],
    lengthMax: 20,
    run: (input) => {
      let right = 0
      while (right < SECRET.length && input[right] === SECRET[right]) right++
      if (options.tells) counts[right] = 1
      if (right === SECRET.length) throw new Error(`broken by ${input.length}`)
    },
  })
  return { target, counters: { counts, used: counts.length } }
}

function attacked(options: { readonly tells: boolean }, seed: number): Promise<CampaignResult> {
  const isOver = (executions: number): boolean => executions >= 50_000
  return campaign({ ...planted(options), seed, corpus: [], isOver })
}

describe('a campaign', () => {
  test('finds what breaks a target, and takes out of it what is not needed', async () => {
    const { broken } = await attacked({ tells: true }, 1)
    expect(broken?.input).toBe(SECRET)
    expect(broken?.error).toEqual(new Error('broken by 4'))
  })

  test('does not, where branches tell it nothing: it is they that lead there', async () => {
    const { broken, found } = await attacked({ tells: false }, 1)
    expect(broken).toBeUndefined()
    expect(found).toHaveLength(1)
  })

  test('comes to the same with the same seed', async () => {
    const [one, other] = [await attacked({ tells: true }, 5), await attacked({ tells: true }, 5)]
    expect(one).toEqual(other)
    expect((await attacked({ tells: true }, 6)).executions).not.toBe(one.executions)
  })

  test('tries the kept corpus before anything else', async () => {
    const isOver = (): boolean => true
    const corpus = [`${SECRET} and more`]
    const { broken, executions } = await campaign({
      ...planted({ tells: true }),
      seed: 1,
      corpus,
      isOver,
    })
    expect([broken?.input, executions]).toEqual([SECRET, 1])
  })

  test('gives no input longer than the target takes', async () => {
    let longest = 0
    const { counters, target } = planted({ tells: true })
    const measured = {
      ...target,
      open: async () => ({
        seeds: ['x'.repeat(20)],
        run: (input: string) => {
          longest = Math.max(longest, input.length)
        },
        close: async () => {},
      }),
    }
    await campaign({
      target: measured,
      counters,
      seed: 1,
      corpus: [],
      isOver: (done) => done >= 2000,
    })
    expect(longest).toBe(20)
  })
})
