/** What every variable of ours begins with. */
export const VARIABLE_PREFIX = 'KEYFENCE_'

/** `maxDomains` → `max-domains`: the flag, without its dashes. */
export function flagName(setting: string): string {
  return setting.replace(CAPITAL, (letter) => `-${letter.toLowerCase()}`)
}

/** `maxDomains` → `KEYFENCE_MAX_DOMAINS`: the twin in the environment. */
export function variableName(setting: string): string {
  return VARIABLE_PREFIX + setting.replace(CAPITAL, (letter) => `_${letter}`).toUpperCase()
}

/**
 * The candidate that the name was probably meant to be, or `undefined` if none is near: at most
 * three slips (a letter more, less, other, or two swapped) and less than half of the name.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const meant = fold(name)
  let nearest: string | undefined
  let least = Math.min(4, Math.ceil(meant.length / 2))
  for (const candidate of candidates) {
    const slips = slipsBetween(meant, fold(candidate))
    if (slips >= least) continue
    least = slips
    nearest = candidate
  }
  return nearest
}

const CAPITAL = /[A-Z]/g
const NAME_LENGTH_MAX = 64

/** Letters and digits alone: `max_domains` is as near to `maxDomains` as itself. */
function fold(name: string): string {
  return name
    .slice(0, NAME_LENGTH_MAX)
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
}

/** Optimal string alignment distance: Levenshtein's, and a swap of two neighbours counts one. */
function slipsBetween(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, other.length)
}

function at(distances: readonly number[], column: number): number {
  return distances[column] ?? Number.POSITIVE_INFINITY
}
