import type { AdministratorReader, AdministratorWriter } from '../access/administrator.ts'
import type { KeyReader, KeyWriter } from '../access/management-key.ts'
import type { AnswerStore } from '../access/idempotent-answer.ts'
import type { PortalReader, PortalWriter } from '../access/portal-session.ts'
import type { SessionReader, SessionWriter } from '../access/session.ts'
import type { SignInLinkReader, SignInLinkWriter } from '../access/sign-in-link.ts'
import type { ActivityReader, ActivityWriter } from '../activity/activity-store.ts'
import type { AuditReader, AuditWriter } from '../audit/audit-log.ts'
import type { FeedHints, FeedReader } from '../fence/change-feed.ts'
import type { NodeStore } from '../fleet/fleet-node.ts'
import type { TokenReader, TokenWriter } from '../token/token-store.ts'

/**
 * What one transaction can write; all of it is kept, or nothing. That a write failed may be told by what
 * follows it, at the latest by the transaction itself, which rejects.
 */
export interface StoreTransaction {
  readonly tokens: TokenWriter
  readonly keys: KeyWriter
  readonly audit: AuditWriter
  readonly answers: AnswerStore
  readonly activity: ActivityWriter
  readonly administrators: AdministratorWriter
  readonly sessions: SessionWriter
  readonly links: SignInLinkWriter
  readonly portal: PortalWriter
}

/** Everything that lasts. Each method rejects with a StoreError when the store itself fails. */
export interface Store {
  readonly tokens: TokenReader
  readonly keys: KeyReader
  readonly audit: AuditReader
  readonly answers: Pick<AnswerStore, 'find'>
  readonly activity: ActivityReader
  readonly administrators: AdministratorReader
  readonly sessions: SessionReader
  readonly links: SignInLinkReader
  readonly portal: PortalReader
  readonly feed: FeedReader
  /** Says when to look into the feed; never what is there, and it may stay silent. */
  readonly hints: FeedHints
  readonly nodes: NodeStore
  /** Runs `work` in one transaction: committed when it resolves, undone when it rejects. */
  transact<Result>(work: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>
  /** Resolves if the store answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
