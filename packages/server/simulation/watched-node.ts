import type { TokenText } from '@keyfence/core'
import type { Clock } from '../src/fence/clock.ts'
import type { Outcome } from './model.ts'
import type { Question } from './questions.ts'

/** What decides: a node, or a guard. */
export interface WatchedNode {
  readonly name: string
  readonly clock: Clock
  /** A stopped process decides nothing. */
  readonly isStopped: boolean
  decide(secret: TokenText, question: Question): Outcome
  freshness(): { readonly staleForMs: number | undefined }
}
