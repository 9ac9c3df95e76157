import { mutatedJson } from './mutate-json.ts'
import { type MutationSource, mutatedText } from './mutate-text.ts'

/** Another input, a few steps from this one, `lengthMax` long at most. */
export function mutate(input: string, source: MutationSource): string {
  const { random, shape, lengthMax } = source
  let mutated = input
  for (let steps = 1 + random.below(STEPS_MAX); steps > 0; steps--) {
    const asJson = shape === 'json' && random.below(TEXT_SHARE) > 0
    mutated = (asJson ? mutatedJson(mutated, source) : undefined) ?? mutatedText(mutated, source)
  }
  return mutated.slice(0, lengthMax)
}

const STEPS_MAX = 4
/** Of how many mutations of JSON one goes at its text. */
const TEXT_SHARE = 8
