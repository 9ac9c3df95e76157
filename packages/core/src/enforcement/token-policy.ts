import type { EpochMs } from '../parsed.ts'
import type { CompiledRestrictions } from '../restriction/compile.ts'
import type { TokenText } from '../token/format.ts'
import type { TokenLife } from '../token/state.ts'

/** `enforce`, or `report`: a refusal by the rule is recorded and let through. */
export type TokenMode = 'enforce' | 'report'

/** Everything about one token that a decision needs, ready to be used. */
export interface TokenPolicy {
  readonly tokenId: string
  /** The customer's id in the provider's system. */
  readonly owner: string
  /** Handed on to the upstream, never judged. */
  readonly metadata: Readonly<Record<string, string>>
  readonly life: TokenLife
  readonly mode: TokenMode
  readonly restrictions: CompiledRestrictions
}

/** What the holder of all tokens says of one. Only `known` can lead to an allow. */
export type TokenLookup =
  | {
      readonly state: 'known'
      readonly policy: TokenPolicy
      /** When the secret that was sent was or will be rotated out. */
      readonly secretEndsAt: EpochMs | undefined
    }
  | { readonly state: 'unknown' }
  /** The token is known and its record damaged: it alone is refused. */
  | { readonly state: 'unreadable' }
  /** No first copy of the tokens yet, or one older than `maxStaleness`. */
  | { readonly state: 'unavailable' }

/** Finds a token among those known; never throws, never waits. */
export type LookUpToken = (token: TokenText) => TokenLookup
