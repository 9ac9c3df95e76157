/** The public surface of @keyfence/guard, by name. Nothing in it needs Node. */
export type {
  AllowedCall,
  GuardDecision,
  GuardedRequest,
  PreflightCall,
  RefusedCall,
} from './enforcement/guard-decision.ts'
export type { GuardAlarm } from './feed/follow-feed.ts'
export { FeedError } from './feed/read-feed.ts'
export { createGuard, type Guard, type GuardFreshness } from './guard/create-guard.ts'
export type { GuardOptions } from './guard/guard-options.ts'
export type { GuardClock, GuardWorld } from './guard/guard-world.ts'
export type { LoadedSnapshot, SavedSnapshot, SnapshotFile } from './guard/snapshot-file.ts'
