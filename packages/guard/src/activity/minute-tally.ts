import { type EpochMs, formatIpAddress, type Verdict } from '@keyfence/core'
import {
  type ActivityReport,
  METHOD_LENGTH_MAX,
  MINUTE_MS,
  PATH_LENGTH_MAX,
  REFUSALS_MAX,
  type ReportedRefusal,
  ROWS_MAX,
} from './activity-report.ts'
import { isOfTheRule, TokenTally } from './token-tally.ts'

/** A verdict and the request it was about. */
export interface Observation {
  readonly verdict: Verdict
  readonly requestId: string
  readonly method: string
  /** Path and query, as received. The query is not reported. */
  readonly target: string
}

/**
 * What was observed within one minute, until it is full. A call costs one `Map` operation: keys that
 * are put together of its outcome and its token cost more than the whole decision.
 */
export class MinuteTally {
  readonly minute: EpochMs
  readonly #refusals: ReportedRefusal[] = []
  readonly #tokens = new Map<string | null, TokenTally>()
  #counts = 0
  #seen = 0
  #calls = 0

  constructor(minute: EpochMs) {
    this.minute = minute
  }

  /** How many calls it holds. */
  get calls(): number {
    return this.#calls
  }

  /** Whether it takes one more, whatever that is. */
  isOpenAt(now: EpochMs): boolean {
    return (
      now >= this.minute &&
      now < this.minute + MINUTE_MS &&
      this.#refusals.length < REFUSALS_MAX &&
      this.#counts < ROWS_MAX &&
      this.#seen < ROWS_MAX
    )
  }

  add(observation: Observation, now: EpochMs): void {
    const { verdict } = observation
    const { effect, policy, source } = verdict
    const isAllowed = effect === 'allow'
    this.#calls++
    const tally = this.#tallyOf(verdict)
    if (tally.count(verdict)) this.#counts++
    if (policy !== undefined && source !== undefined && isOfTheRule(verdict)) {
      if (tally.see(source, isAllowed, now)) this.#seen++
    }
    if (isAllowed && verdict.enforced) return
    this.#refusals.push(refusalOf(observation, now))
  }

  toReport(): ActivityReport {
    const tallies = [...this.#tokens.values()]
    return {
      minute: this.minute,
      refusals: this.#refusals,
      counts: tallies.flatMap(({ counts }) => counts),
      seen: tallies.flatMap(({ seen }) => seen),
    }
  }

  #tallyOf(verdict: Verdict): TokenTally {
    const tokenId = verdict.policy?.tokenId ?? null
    const known = this.#tokens.get(tokenId)
    if (known !== undefined) return known
    const tally = new TokenTally(verdict, this.minute)
    this.#tokens.set(tokenId, tally)
    return tally
  }
}

function refusalOf(
  { verdict, requestId, method, target }: Observation,
  now: EpochMs,
): ReportedRefusal {
  const { policy, source, reason } = verdict
  const domain = source?.kind === 'browser' ? source.domain : undefined
  const address = source?.kind === 'server' ? source.address : undefined
  return {
    requestId,
    refusedAt: now,
    tokenId: policy?.tokenId ?? null,
    reason,
    source: source?.kind ?? null,
    domain: domain ?? null,
    address: address === undefined ? null : formatIpAddress(address),
    method: method.slice(0, METHOD_LENGTH_MAX),
    path: pathOf(target).slice(0, PATH_LENGTH_MAX),
    enforced: verdict.effect === 'refuse',
  }
}

function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}
