import type { TokenText } from '@keyfence/core'
import type { Clock } from '../src/fence/clock.ts'
import type { Outcome } from './model.ts'
import type { Question } from './questions.ts'
import type { Owner } from './schedule.ts'

/** What decides: a node, or a guard. */
export interface WatchedNode {
  readonly name: string
  readonly owner: Owner
  readonly clock: Clock
  /** A stopped process decides nothing. */
  readonly isStopped: boolean
  decide(secret: TokenText, question: Question): Outcome
  freshness(): { readonly staleForMs: number | undefined }
}
