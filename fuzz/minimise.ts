import type { BrokenInput } from './campaign.ts'
import type { OpenTarget } from './target.ts'

/** Takes parts out of the input, large ones first, for as long as it breaks the target in the same way. */
export async function minimise(broken: BrokenInput, target: OpenTarget): Promise<BrokenInput> {
  let smallest = broken
  for (let size = Math.ceil(broken.input.length / 2); size >= 1; size = shorter(size)) {
    for (let at = 0; at < smallest.input.length; ) {
      const { input } = smallest
      const error = await thrownBy(target, input.slice(0, at) + input.slice(at + size))
      if (error !== undefined && wayOf(error) === wayOf(broken.error)) {
        smallest = { input: input.slice(0, at) + input.slice(at + size), error }
      } else at += size
    }
  }
  return smallest
}

function shorter(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2)
}

async function thrownBy(target: OpenTarget, input: string): Promise<unknown> {
  try {
    await target.run(input)
    return undefined
  } catch (error) {
    return error
  }
}

/** Numbers in a message may change with the input. */
function wayOf(error: unknown): string {
  return String(error).replaceAll(/[0-9]+/g, '0')
}
