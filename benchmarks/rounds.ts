/** What each contestant cost in each round: a row for each round, a column for each contestant. */
export type Rounds = readonly (readonly number[])[]

/** One of those that are compared. @returns what a round of it cost, in a unit that all share */
export type Contestant = () => number | Promise<number>

/** How many rounds are measured, and how many before them are not. */
export interface RoundCounts {
  readonly rounds: number
  readonly warmUp: number
}

/** A middle and how far from it the middle half of all values lies. */
export interface Middle {
  readonly median: number
  /** (p75 − p25) / median. */
  readonly spread: number
}

/**
 * Has contestants take turns, in an order that reverses: the machine's speed changes between minutes,
 * and only ratios within a round mean something.
 */
export async function inTurns(
  contestants: readonly Contestant[],
  { rounds, warmUp }: RoundCounts,
): Promise<Rounds> {
  const measured: (readonly number[])[] = []
  for (let round = 0; round < warmUp + rounds; round++) {
    const order = round % 2 === 0 ? contestants : contestants.toReversed()
    const costs = new Map<Contestant, number>()
    for (const contestant of order) costs.set(contestant, await contestant())
    measured.push(contestants.map((contestant) => costs.get(contestant) ?? Number.NaN))
  }
  return measured.slice(warmUp)
}

/** What one contestant cost. */
export function costOf(rounds: Rounds, contestant: number): Middle {
  return middle(rounds.map((round) => round[contestant] ?? Number.NaN))
}

/** What one contestant cost against another one in the same round. */
export function ratioOf(rounds: Rounds, contestant: number, floor = 0): Middle {
  return middle(
    rounds.map((round) => (round[contestant] ?? Number.NaN) / (round[floor] ?? Number.NaN)),
  )
}

export function middle(values: readonly number[]): Middle {
  const median = quantile(values, 0.5)
  return { median, spread: (quantile(values, 0.75) - quantile(values, 0.25)) / median }
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
}

/** CPU time (user and system) that this process uses for the work, all of its threads, in µs. */
export function cpuTimeUs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
