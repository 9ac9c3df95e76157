import {
  ALLOW_REASONS,
  type AllowReason,
  CALLER_REASONS,
  DENY_REASONS,
  type EpochMs,
  formatIpAddress,
  type RefusalReason,
  type RequestSource,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
  type Verdict,
} from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { ActivityBatch, BatchCount, BatchSeen } from './activity-batch.ts'
import { type Refusal, refusalsMax } from './refusal.ts'
import { SEEN_VALUES_MAX, type SeenKind } from './seen.ts'
import { copiedText, inertMethod, inertPath } from './inert-text.ts'
import type { Observation } from './observation.ts'

/** How much more may be held in memory; counted down by each tally that takes something. */
export interface MemoryLeft {
  refusals: number
  /** Distinct tokens, outcomes and values. */
  keys: number
}

/** The members of `DroppedActivity`, counted up. */
export interface DroppedTally {
  refusals: number
  counts: number
  seen: number
}

/** What was observed within one minute. A call costs one `Map` operation here, and no I/O. */
export class MinuteTally {
  readonly minute: EpochMs
  readonly #left: MemoryLeft
  readonly #dropped: DroppedTally
  readonly #refusalsPerTokenMax: number
  readonly #tokens = new Map<string, TokenTally>()
  #refusals = 0
  /** How many refusals found room, for a while at least. */
  #numbered = 0
  #keys = 0

  constructor(
    minute: EpochMs,
    bounds: {
      readonly left: MemoryLeft
      readonly dropped: DroppedTally
      readonly refusalsPerTokenMax: number
    },
  ) {
    this.minute = minute
    this.#left = bounds.left
    this.#dropped = bounds.dropped
    this.#refusalsPerTokenMax = bounds.refusalsPerTokenMax
  }

  /** @param requestId makes one for a refusal that was let through. */
  add(observation: Observation, now: EpochMs, requestId: () => string): void {
    const { verdict } = observation
    const reasonNumber = REASON_NUMBERS[verdict.reason]
    const isJudged = reasonNumber < REASONS_OF_THE_RULE
    const isAllowed = verdict.effect === 'allow'
    const token = this.#tokenTally(verdict.policy?.tokenId ?? NO_TOKEN)
    if (token === undefined) {
      this.#dropped.counts++
      if (isJudged) this.#dropped.seen++
    } else {
      this.#count(token, verdict, reasonNumber)
      if (isJudged && verdict.source !== undefined)
        this.#see(token, verdict.source, { isAllowed, now })
      if (isAllowed) token.isUsed = true
    }
    if (isAllowed && verdict.enforced) return
    const slot = token && this.#refusalSlot(token)
    if (token === undefined || slot === undefined) this.#dropped.refusals++
    else {
      token.refusals[slot] = refusalOf(observation, now, requestId)
      token.numbers[slot] = this.#numbered++
    }
  }

  /** The whole minute, and how much memory it gives back once it is written. */
  toBatch(): { readonly batch: ActivityBatch; readonly held: Readonly<MemoryLeft> } {
    const tallies = [...this.#tokens]
    const batch: ActivityBatch = {
      minute: this.minute,
      refusals: inOrder(
        tallies.map(([, tally]) => tally),
        this.#numbered,
      ),
      counts: tallies.flatMap(([id, { outcomes }]) =>
        outcomes.map(
          ({ effect, reason, source, count }): BatchCount => ({
            tokenId: tokenIdOf(id),
            effect,
            reason,
            source,
            count,
          }),
        ),
      ),
      seen: tallies.flatMap(([id, { values }]) =>
        values.map(
          ({ kind, value, count, allowed, firstAt, lastAt }): BatchSeen => ({
            tokenId: id as TokenId, // of an unknown token nothing is seen
            kind,
            value,
            count,
            allowed,
            firstAt,
            lastAt,
          }),
        ),
      ),
      used: tallies.filter(([, { isUsed }]) => isUsed).map(([id]) => id as TokenId), // nor used
    }
    return { batch, held: { refusals: this.#refusals, keys: this.#keys } }
  }

  #tokenTally(tokenId: string): TokenTally | undefined {
    const known = this.#tokens.get(tokenId)
    if (known !== undefined || !this.#takeKey()) return known
    const tally: TokenTally = {
      outcomes: [],
      values: [],
      latest: undefined,
      isUsed: false,
      refusals: [],
      numbers: [],
      oldest: 0,
      refusalsMax: refusalsMax(tokenIdOf(tokenId), this.#refusalsPerTokenMax),
    }
    this.#tokens.set(tokenId, tally)
    return tally
  }

  #count(token: TokenTally, verdict: Verdict, reasonNumber: number): void {
    const kind = verdict.source?.kind
    const isAllowed = verdict.effect === 'allow'
    const key = (reasonNumber * 3 + SOURCE_NUMBERS[kind ?? 'unknown']) * 2 + Number(isAllowed)
    const known = token.outcomes.find((outcome) => outcome.key === key)
    if (known !== undefined) known.count++
    else if (!this.#takeKey()) this.#dropped.counts++
    else {
      const effect = isAllowed ? 'allow' : 'deny'
      token.outcomes.push({ key, effect, reason: verdict.reason, source: kind, count: 1 })
    }
  }

  #see(
    token: TokenTally,
    source: RequestSource,
    { isAllowed, now }: { readonly isAllowed: boolean; readonly now: EpochMs },
  ): void {
    const seen = this.#seenTally(token, source, now)
    if (seen === undefined) this.#dropped.seen++
    else {
      seen.count++
      seen.lastAt = now
      if (isAllowed) seen.allowed++
    }
  }

  #seenTally(token: TokenTally, source: RequestSource, now: EpochMs): SeenTally | undefined {
    const key = valueKey(source)
    // Mostly the same page or server calls again.
    if (key === token.latest?.key) return token.latest
    const known =
      token.values.find((seen) => seen.key === key) ??
      (token.values.length > SEEN_VALUES_MAX ? token.values.at(-1) : undefined) ??
      this.#newSeen(token, source, now)
    token.latest = known ?? token.latest
    return known
  }

  #newSeen(token: TokenTally, source: RequestSource, now: EpochMs): SeenTally | undefined {
    if (!this.#takeKey()) return undefined
    const isFull = token.values.length === SEEN_VALUES_MAX
    const key = isFull ? OTHER_KEY : valueKey(source)
    const seen: SeenTally = {
      key: typeof key === 'string' ? copiedText(key) : key,
      ...(isFull ? OTHER : seenValue(source)),
      count: 0,
      allowed: 0,
      firstAt: now,
      lastAt: now,
    }
    token.values.push(seen)
    return seen
  }

  /**
   * Where the next refusal goes: one token's never take the room of all others, and the newest take
   * that of its oldest, since those are what somebody asks about.
   */
  #refusalSlot(token: TokenTally): number | undefined {
    const { length } = token.refusals
    if (length < token.refusalsMax && this.#left.refusals > 0) {
      this.#left.refusals--
      this.#refusals++
      return length
    }
    if (length < token.refusalsMax) return undefined
    this.#dropped.refusals++
    const slot = token.oldest
    token.oldest = (slot + 1) % length
    return slot
  }

  #takeKey(): boolean {
    if (this.#left.keys === 0) return false
    this.#left.keys--
    this.#keys++
    return true
  }
}

/** Arrays: most tokens have one or two of each, and a `Map` a token would double the cost. */
interface TokenTally {
  readonly outcomes: OutcomeTally[]
  /** With one for all others behind those that have found room. */
  readonly values: SeenTally[]
  /** What was seen last. */
  latest: SeenTally | undefined
  isUsed: boolean
  /** A ring once it is full: `oldest` is where it begins. */
  readonly refusals: Refusal[]
  /** Of each: how many of the minute found room before it. */
  readonly numbers: number[]
  oldest: number
  readonly refusalsMax: number
}

interface OutcomeTally {
  readonly key: number
  readonly effect: 'allow' | 'deny'
  readonly reason: AllowReason | RefusalReason
  readonly source: RequestSource['kind'] | undefined
  count: number
}

interface SeenTally {
  readonly key: number | string
  readonly kind: SeenKind
  readonly value: string
  count: number
  allowed: number
  readonly firstAt: EpochMs
  lastAt: EpochMs
}

/** As they came about: positions, and so what follows them, go by that. */
function inOrder(tallies: readonly TokenTally[], numbered: number): Refusal[] {
  const places = Array.from<Refusal | undefined>({ length: numbered })
  for (const { refusals, numbers } of tallies) {
    for (const [slot, refusal] of refusals.entries()) places[numbers[slot] ?? 0] = refusal
  }
  return places.filter((refusal) => refusal !== undefined)
}

/** No id is empty. */
const NO_TOKEN = ''

function tokenIdOf(id: string): TokenId | undefined {
  return id === NO_TOKEN ? undefined : (id as TokenId) // the fence knows tokens by their ids
}

/** Those of the rule first. */
const REASONS = [
  ...ALLOW_REASONS,
  ...DENY_REASONS,
  ...TOKEN_REASONS,
  ...UNAVAILABLE_REASONS,
  ...CALLER_REASONS,
]
const REASON_NUMBERS = Object.fromEntries(
  REASONS.map((reason, number) => [reason, number]),
) as Record<AllowReason | RefusalReason, number> // fromEntries forgets the keys; the lists hold them all
const REASONS_OF_THE_RULE = ALLOW_REASONS.length + DENY_REASONS.length
const SOURCE_NUMBERS = { unknown: 0, browser: 1, server: 2 } as const

const OTHER = { kind: 'other', value: '' } as const
/** Neither a domain nor an address holds a blank. */
const OTHER_KEY = ' other'

/** Cheap, and equal for equal values: an IPv4 address is one number, and not formatted. */
function valueKey(source: RequestSource): number | string {
  if (source.kind === 'browser') {
    if (source.domain === undefined)
      return source.because === 'domain_missing' ? ' missing' : ' bad'
    return source.mayMatch ? source.domain : `http ${source.domain}`
  }
  if (source.address === undefined) return ' unreadable'
  const { address } = source
  return address.version === 4 ? address.words[0] : formatIpAddress(address)
}

function seenValue(source: RequestSource): { readonly kind: SeenKind; readonly value: string } {
  if (source.kind === 'browser') {
    if (source.domain === undefined) return { kind: source.because, value: '' }
    return { kind: source.mayMatch ? 'domain' : 'http_domain', value: copiedText(source.domain) }
  }
  if (source.address === undefined) return { kind: source.because, value: '' }
  return { kind: 'address', value: formatIpAddress(source.address) }
}

function refusalOf(observation: Observation, now: EpochMs, requestId: () => string): Refusal {
  const { verdict } = observation
  const { policy, source } = verdict
  const domain = source?.kind === 'browser' ? source.domain : undefined
  const address = source?.kind === 'server' ? source.address : undefined
  return {
    requestId: observation.requestId ?? requestId(),
    refusedAt: now,
    tokenId: policy === undefined ? undefined : tokenIdOf(policy.tokenId),
    owner: policy?.owner,
    reason: verdict.reason as RefusalReason, // the caller has made sure that it was refused
    source: source?.kind,
    domain: domain === undefined ? undefined : copiedText(domain),
    address: address === undefined ? undefined : formatIpAddress(address),
    method: inertMethod(observation.method),
    path: inertPath(observation.path),
    enforced: verdict.effect === 'refuse',
  }
}
