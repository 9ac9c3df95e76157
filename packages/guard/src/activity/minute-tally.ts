import {
  DENY_REASONS,
  type EpochMs,
  formatIpAddress,
  type RequestSource,
  type Verdict,
} from '@keyfence/core'
import {
  type ActivityReport,
  METHOD_LENGTH_MAX,
  MINUTE_MS,
  PATH_LENGTH_MAX,
  REFUSALS_MAX,
  type ReportedCount,
  type ReportedRefusal,
  type ReportedSeen,
  ROWS_MAX,
} from './activity-report.ts'

/** A verdict and the request it was about. */
export interface Observation {
  readonly verdict: Verdict
  readonly requestId: string
  readonly method: string
  /** Path and query, as received. The query is not reported. */
  readonly target: string
}

/**
 * What was observed of one token. Nearly always one outcome and one value, so that nothing else is made
 * for it: among many tokens it is memory that takes the time.
 */
interface TokenTally {
  /** Few, and found by looking at each. */
  readonly counts: ReportedCount[]
  /** What was seen last. */
  latest: ReportedSeen | undefined
  /** All that was seen, by kind and value, once there are two: callers choose them, and may choose many. */
  seen: Map<string, ReportedSeen> | undefined
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
    this.#calls++
    const { policy, source } = verdict
    const tally = this.#tallyWith(verdict)
    if (policy !== undefined && source !== undefined && isOfTheRule(verdict)) {
      const seen = this.#seenOf(tally, { tokenId: policy.tokenId, source, now })
      seen.count++
      if (verdict.effect === 'allow') seen.allowed++
      seen.lastAt = Math.max(seen.lastAt, now)
    }
    if (verdict.effect === 'allow' && verdict.enforced) return
    this.#refusals.push(refusalOf(observation, now))
  }

  toReport(): ActivityReport {
    const tallies = [...this.#tokens.values()]
    return {
      minute: this.minute,
      refusals: this.#refusals,
      counts: tallies.flatMap(({ counts }) => counts),
      seen: tallies.flatMap(allSeen),
    }
  }

  #tallyWith(verdict: Verdict): TokenTally {
    const tokenId = verdict.policy?.tokenId ?? null
    const known = this.#tokens.get(tokenId)
    if (known !== undefined) {
      this.#count(known.counts, verdict)
      return known
    }
    this.#counts++
    const tally: TokenTally = { counts: [firstCount(verdict)], latest: undefined, seen: undefined }
    this.#tokens.set(tokenId, tally)
    return tally
  }

  #count(counts: ReportedCount[], verdict: Verdict): void {
    const { effect, reason, source } = verdict
    const kind = source?.kind ?? null
    for (const known of counts) {
      // A reason that would have refused is an allow in report mode.
      const isSame = known.reason === reason && known.source === kind
      if (isSame && known.effect === shownEffect(effect)) {
        known.count++
        return
      }
    }
    this.#counts++
    counts.push(firstCount(verdict))
  }

  /** The row of what is seen. A new one has counted nothing yet. */
  #seenOf(
    tally: TokenTally,
    { tokenId, source, now }: { tokenId: string; source: RequestSource; now: EpochMs },
  ): ReportedSeen {
    const kind = seenKind(source)
    const value = seenValue(source)
    const { latest } = tally
    if (latest?.value === value && latest.kind === kind) return latest
    const seen = latest && (tally.seen ??= new Map([[seenKey(latest), latest]]))
    const key = seenKey({ kind, value })
    let row = seen?.get(key)
    if (row === undefined) {
      row = { tokenId, kind, value, count: 0, allowed: 0, firstAt: now, lastAt: now }
      seen?.set(key, row)
      this.#seen++
    }
    tally.latest = row
    return row
  }
}

function allSeen({ latest, seen }: TokenTally): readonly ReportedSeen[] {
  if (seen !== undefined) return [...seen.values()]
  return latest === undefined ? [] : [latest]
}

function seenKey({ kind, value }: Pick<ReportedSeen, 'kind' | 'value'>): string {
  return `${kind} ${value}`
}

function firstCount({ effect, reason, policy, source }: Verdict): ReportedCount {
  return {
    tokenId: policy?.tokenId ?? null,
    effect: shownEffect(effect),
    reason,
    source: source?.kind ?? null,
    count: 1,
  }
}

function shownEffect(effect: Verdict['effect']): ReportedCount['effect'] {
  return effect === 'allow' ? 'allow' : 'deny'
}

const DENIES: ReadonlySet<string> = new Set(DENY_REASONS)

/** The calls that the rule judged: a revoked token's page is nothing that an owner would list. */
function isOfTheRule({ effect, reason }: Verdict): boolean {
  return effect === 'allow' || DENIES.has(reason)
}

function seenKind(source: RequestSource): string {
  if (source.kind === 'server') return source.address === undefined ? source.because : 'address'
  if (source.domain === undefined) return source.because
  return source.mayMatch ? 'domain' : 'http_domain'
}

function seenValue(source: RequestSource): string {
  if (source.kind === 'browser') return source.domain ?? ''
  return source.address === undefined ? '' : formatIpAddress(source.address)
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
