import type { Verdict } from '@keyfence/core'

/** How many requests were judged alike. */
export interface VerdictCount {
  readonly effect: Verdict['effect']
  readonly reason: Verdict['reason']
  readonly source: 'browser' | 'server' | 'unknown'
  readonly calls: number
}

/** Counts verdicts until somebody takes the counts: a request costs a look-up and an addition. */
export class VerdictTally {
  #byReason = new Map<Verdict['reason'], Mutable<VerdictCount>[]>()

  count({ effect, reason, source }: Verdict): void {
    this.add({ effect, reason, source: source?.kind ?? 'unknown', calls: 1 })
  }

  /** Adds what was counted elsewhere. */
  add({ effect, reason, source, calls }: VerdictCount): void {
    const alike = this.#byReason.get(reason)
    if (alike === undefined) {
      this.#byReason.set(reason, [{ effect, reason, source, calls }])
      return
    }
    const known = alike.find((count) => count.effect === effect && count.source === source)
    if (known === undefined) alike.push({ effect, reason, source, calls })
    else known.calls += calls
  }

  /** The counts since the last time. */
  take(): VerdictCount[] {
    const counts = [...this.#byReason.values()].flat()
    this.#byReason = new Map()
    return counts
  }
}

type Mutable<Shape> = { -readonly [Member in keyof Shape]: Shape[Member] }
