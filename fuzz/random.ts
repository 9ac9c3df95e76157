/** Random numbers that come again with the same seed. */
export interface Random {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  /** One of the values, which are not none. */
  of<Value>(values: readonly Value[]): Value
}

/** Random numbers from a seed of 32 bits. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const below = (limit: number): number => {
    state = (state + GOLDEN) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit
  }
  return {
    below,
    of: <Value>(values: readonly Value[]) => values[below(values.length)] as Value, // it is within
  }
}

/** The golden ratio in 32 bits: steps so large and odd that no state comes twice in 2^32. */
const GOLDEN = 0x9e3779b9
