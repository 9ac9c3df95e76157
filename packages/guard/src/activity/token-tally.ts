import {
  DENY_REASONS,
  type EpochMs,
  formatIpAddress,
  type RequestSource,
  type Verdict,
} from '@keyfence/core'
import type { ReportedCount, ReportedSeen } from './activity-report.ts'

/**
 * What was observed of one token within a minute. Nearly always that is one outcome and one value, and
 * these stand in the object itself: among many tokens, following references into memory that no cache
 * holds is most of what a call costs.
 */
export class TokenTally {
  readonly #tokenId: string | null
  readonly #minute: EpochMs
  readonly #effect: Verdict['effect']
  readonly #reason: Verdict['reason']
  readonly #source: ReportedCount['source']
  #count = 0
  /** `undefined`: nothing was seen yet. */
  #kind: string | undefined
  #value = ''
  #seen = 0
  #allowed = 0
  /** From the start of the minute: a small number takes no memory of its own. */
  #firstMs = 0
  #lastMs = 0
  #others: OtherRows | undefined

  /** Of the token and with the outcome of a verdict, which is not counted yet. */
  constructor({ effect, reason, policy, source }: Verdict, minute: EpochMs) {
    this.#tokenId = policy?.tokenId ?? null
    this.#minute = minute
    this.#effect = effect
    this.#reason = reason
    this.#source = source?.kind ?? null
  }

  /** @returns whether that is an outcome which was not there before */
  count({ effect, reason, source }: Verdict): boolean {
    const kind = source?.kind ?? null
    // A reason that would have refused is an allow in report mode.
    if (reason === this.#reason && kind === this.#source && effect === this.#effect) {
      this.#count++
      return this.#count === 1
    }
    const { counts } = (this.#others ??= noOthers())
    const shown = shownEffect(effect)
    const known = counts.find(
      (row) => row.reason === reason && row.source === kind && row.effect === shown,
    )
    if (known !== undefined) known.count++
    else counts.push({ tokenId: this.#tokenId, effect: shown, reason, source: kind, count: 1 })
    return known === undefined
  }

  /** Of a call that the rule judged. @returns whether that was not seen before */
  see(source: RequestSource, isAllowed: boolean, now: EpochMs): boolean {
    const kind = seenKind(source)
    const value = seenValue(source)
    const isFirst = this.#kind === undefined
    if (isFirst) {
      this.#kind = kind
      this.#value = value
      this.#firstMs = now - this.#minute
    } else if (kind !== this.#kind || value !== this.#value) {
      return this.#seeOther({ kind, value }, isAllowed, now)
    }
    this.#seen++
    if (isAllowed) this.#allowed++
    this.#lastMs = Math.max(this.#lastMs, now - this.#minute)
    return isFirst
  }

  /** Its rows of a report. */
  get counts(): readonly ReportedCount[] {
    const first: ReportedCount = {
      tokenId: this.#tokenId,
      effect: shownEffect(this.#effect),
      reason: this.#reason,
      source: this.#source,
      count: this.#count,
    }
    return [first, ...(this.#others?.counts ?? [])]
  }

  /** Its rows of a report; of no token nothing is seen. */
  get seen(): readonly ReportedSeen[] {
    if (this.#kind === undefined || this.#tokenId === null) return []
    const first: ReportedSeen = {
      tokenId: this.#tokenId,
      kind: this.#kind,
      value: this.#value,
      count: this.#seen,
      allowed: this.#allowed,
      firstAt: this.#minute + this.#firstMs,
      lastAt: this.#minute + this.#lastMs,
    }
    return [first, ...(this.#others?.seen.values() ?? [])]
  }

  #seeOther({ kind, value }: SeenValue, isAllowed: boolean, now: EpochMs): boolean {
    const { seen } = (this.#others ??= noOthers())
    const key = `${kind} ${value}`
    let row = seen.get(key)
    const isNew = row === undefined
    if (row === undefined) {
      const tokenId = this.#tokenId ?? ''
      row = { tokenId, kind, value, count: 0, allowed: 0, firstAt: now, lastAt: now }
      seen.set(key, row)
    }
    row.count++
    if (isAllowed) row.allowed++
    row.lastAt = Math.max(row.lastAt, now)
    return isNew
  }
}

type SeenValue = Pick<ReportedSeen, 'kind' | 'value'>

/** What does not stand in the object. */
interface OtherRows {
  /** Few, and found by looking at each. */
  readonly counts: ReportedCount[]
  /** By kind and value: callers choose them, and may choose many. */
  readonly seen: Map<string, ReportedSeen>
}

function noOthers(): OtherRows {
  return { counts: [], seen: new Map() }
}

const DENIES: ReadonlySet<string> = new Set(DENY_REASONS)

/** The calls that the rule judged: a revoked token's page is nothing that an owner would list. */
export function isOfTheRule({ effect, reason }: Verdict): boolean {
  return effect === 'allow' || DENIES.has(reason)
}

function shownEffect(effect: Verdict['effect']): ReportedCount['effect'] {
  return effect === 'allow' ? 'allow' : 'deny'
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
