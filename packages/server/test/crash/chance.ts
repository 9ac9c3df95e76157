/** Chance that can be repeated: the same seed, the same numbers. */
export interface Chance {
  /** A whole number, 0 to `below` - 1. */
  below(below: number): number
  /** One of them; there has to be one. */
  oneOf<Choice>(choices: readonly [Choice, ...Choice[]]): Choice
}

/** mulberry32, by Tommy Ettinger: 32 bits of state are enough for a test. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, oneOf: (choices) => choices[below(choices.length)] ?? choices[0] }
}
