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
  /** Without the query. */
  readonly path: string
}

/** What was observed within one minute, until it is full. */
export class MinuteTally {
  readonly minute: EpochMs
  readonly #refusals: ReportedRefusal[] = []
  readonly #counts = new Map<string, ReportedCount>()
  readonly #seen = new Map<string, ReportedSeen>()
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
      this.#counts.size < ROWS_MAX &&
      this.#seen.size < ROWS_MAX
    )
  }

  add(observation: Observation, now: EpochMs): void {
    const { verdict } = observation
    this.#calls++
    this.#count(verdict)
    const { policy, source } = verdict
    if (policy !== undefined && source !== undefined && isOfTheRule(verdict)) {
      this.#see(policy.tokenId, source, { isAllowed: verdict.effect === 'allow', now })
    }
    if (verdict.effect === 'allow' && verdict.enforced) return
    this.#refusals.push(refusalOf(observation, now))
  }

  toReport(): ActivityReport {
    return {
      minute: this.minute,
      refusals: this.#refusals,
      counts: [...this.#counts.values()],
      seen: [...this.#seen.values()],
    }
  }

  #count({ effect, reason, policy, source }: Verdict): void {
    const tokenId = policy?.tokenId ?? null
    const kind = source?.kind ?? null
    const key = `${tokenId} ${effect} ${reason} ${kind}`
    const known = this.#counts.get(key)
    if (known !== undefined) known.count++
    else {
      const shown = effect === 'allow' ? 'allow' : 'deny'
      this.#counts.set(key, { tokenId, effect: shown, reason, source: kind, count: 1 })
    }
  }

  #see(
    tokenId: string,
    source: RequestSource,
    { isAllowed, now }: { readonly isAllowed: boolean; readonly now: EpochMs },
  ): void {
    const { kind, value } = seenValue(source)
    const key = `${tokenId} ${kind} ${value}`
    const seen = this.#seen.get(key) ?? {
      tokenId,
      kind,
      value,
      count: 0,
      allowed: 0,
      firstAt: now,
      lastAt: now,
    }
    seen.count++
    if (isAllowed) seen.allowed++
    seen.lastAt = Math.max(seen.lastAt, now)
    this.#seen.set(key, seen)
  }
}

const DENIES: ReadonlySet<string> = new Set(DENY_REASONS)

/** The calls that the rule judged: a revoked token's page is nothing that an owner would list. */
function isOfTheRule({ effect, reason }: Verdict): boolean {
  return effect === 'allow' || DENIES.has(reason)
}

function seenValue(source: RequestSource): { readonly kind: string; readonly value: string } {
  if (source.kind === 'browser') {
    if (source.domain === undefined) return { kind: source.because, value: '' }
    return { kind: source.mayMatch ? 'domain' : 'http_domain', value: source.domain }
  }
  if (source.address === undefined) return { kind: source.because, value: '' }
  return { kind: 'address', value: formatIpAddress(source.address) }
}

function refusalOf(
  { verdict, requestId, method, path }: Observation,
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
    path: path.slice(0, PATH_LENGTH_MAX),
    enforced: verdict.effect === 'refuse',
  }
}
