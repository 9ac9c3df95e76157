import { describe, expect, test } from 'vitest'
import { readCorpus } from './corpus.ts'
import type { OpenTarget } from './target.ts'
import { TARGETS } from './targets.ts'

describe.each(TARGETS)('what must hold of $name', (target) => {
  test('holds for every input that is kept, and for every seed', async () => {
    const open = await target.open()
    try {
      for (const input of [...readCorpus(target.name), ...open.seeds, '']) {
        await expect(outcome(open, input), JSON.stringify(input)).resolves.toBe('held')
      }
    } finally {
      await open.close()
    }
  })

  test('has inputs that are kept', () => {
    expect(readCorpus(target.name).length).toBeGreaterThan(0)
  })
})

async function outcome(target: OpenTarget, input: string): Promise<'held'> {
  await target.run(input)
  return 'held'
}
