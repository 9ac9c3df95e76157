import type { TokenText } from '@keyfence/core'
import type { TokenId } from '../src/identifier/identifier.ts'
import type { Token } from '../src/token/token.ts'
import { type Question, ruleOutcome } from './questions.ts'

/** What a token is at some time, as the store's contents were acknowledged. */
export type TokenState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' | 'saved'; readonly token: Token; readonly secrets: Endings }

/** Every secret that was ever the token's, and when it ends. */
export type Endings = ReadonlyMap<TokenText, number | undefined>

/** What is said of one request: by a node, or by the model. */
export interface Outcome {
  readonly effect: 'allow' | 'refuse'
  readonly reason: string
  /** Of which version of the token; `undefined`: nothing of a version was told. */
  readonly mark: string | undefined
}

/** From a time on, until the next. */
export interface Era {
  readonly since: number
  /** Counts the changes of all tokens. */
  readonly order: number
  readonly state: TokenState
}

/** One token through all of a run. */
export interface TokenHistory {
  readonly id: TokenId
  readonly eras: readonly Era[]
  /** Every secret that it ever had. */
  readonly secrets: ReadonlySet<TokenText>
}

interface GrowingHistory extends TokenHistory {
  readonly eras: Era[]
  readonly secrets: Set<TokenText>
}

const ABSENT: TokenState = { kind: 'absent' }

/** What is true: the state of each token at each time. Knows no feed, no revision and no node. */
export class Model {
  readonly #histories = new Map<TokenId, GrowingHistory>()
  #order = 0

  get histories(): readonly TokenHistory[] {
    return [...this.#histories.values()]
  }

  /** How many changes there were. */
  get order(): number {
    return this.#order
  }

  stateOf(id: TokenId): TokenState {
    return this.#histories.get(id)?.eras.at(-1)?.state ?? ABSENT
  }

  /** Tokens that are there, whatever has become of them. */
  present(): readonly TokenId[] {
    return [...this.#histories.keys()].filter((id) => this.stateOf(id).kind !== 'absent')
  }

  /** The token is in that state from now on. */
  become(id: TokenId, state: TokenState, now: number): void {
    const history = this.#histories.get(id) ?? newHistory(id)
    this.#order++
    history.eras.push({ since: now, order: this.#order, state })
    if (state.kind !== 'absent')
      for (const secret of state.secrets.keys()) history.secrets.add(secret)
    this.#histories.set(id, history)
  }

  /** All states at this moment. */
  backup(): ReadonlyMap<TokenId, TokenState> {
    return new Map(this.present().map((id) => [id, this.stateOf(id)]))
  }

  /** All tokens are what they were. */
  restore(copy: ReadonlyMap<TokenId, TokenState>, now: number): void {
    for (const id of this.#histories.keys()) this.become(id, copy.get(id) ?? ABSENT, now)
  }
}

function newHistory(id: TokenId): GrowingHistory {
  return { id, eras: [{ since: 0, order: 0, state: ABSENT }], secrets: new Set() }
}

/** What has to be said of a request with a secret while the token is in that state. */
export function outcomeIn(
  state: TokenState,
  { secret, question, wall }: { secret: TokenText; question: Question; wall: number },
): Outcome {
  if (state.kind === 'absent' || !state.secrets.has(secret)) return refusal('token_unknown')
  if (state.kind === 'damaged') return refusal('record_unreadable')
  const { token } = state
  const mark = token.metadata['mark']
  const endsAt = state.secrets.get(secret)
  if (token.status === 'revoked') return refusal('token_revoked', mark)
  if (token.status === 'disabled') return refusal('token_disabled', mark)
  if (endsAt !== undefined && wall >= endsAt) return refusal('token_rotated', mark)
  if (token.expiresAt !== undefined && wall >= token.expiresAt)
    return refusal('token_expired', mark)
  if (token.notBefore !== undefined && wall < token.notBefore) {
    return refusal('token_not_yet_valid', mark)
  }
  const { isAllowed, reason } = ruleOutcome(token.restrictions, question)
  const isLetThrough = isAllowed || token.mode === 'report'
  return { effect: isLetThrough ? 'allow' : 'refuse', reason, mark }
}

function refusal(reason: string, mark?: string): Outcome {
  return { effect: 'refuse', reason, mark }
}
