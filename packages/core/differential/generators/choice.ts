import * as fc from 'fast-check'

/** One of several arbitrary values by weight; shrinks towards the first: the plainest. */
export function choose<Value>(
  ...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Value>])[]
): fc.Arbitrary<Value> {
  const weighted = choices.map(([weight, arbitrary]) => ({ weight, arbitrary }))
  return fc.oneof({ withCrossShrink: true }, ...weighted)
}

/** One of the listed values; shrinks towards the first. */
export function oneOf<Value>(values: readonly Value[]): fc.Arbitrary<Value> {
  return fc.constantFrom(...values)
}

/** `usual`, and now and then its opposite. */
export function mostly(usual: boolean): fc.Arbitrary<boolean> {
  return choose([5, fc.constant(usual)], [1, fc.constant(!usual)])
}
