import type { EpochMs } from '@keyfence/core'
import type { FeedPosition } from '../fence/follow.ts'

/** What decides from its own copy of the tokens: a server, or a guard in the provider's application. */
export type NodeKind = 'server' | 'guard'

/** Which node it is. */
export interface NodeIdentity {
  /** Of one run of the program: a node that starts again is another one. */
  readonly id: string
  readonly kind: NodeKind
  /** For people; nothing depends on it. */
  readonly name: string
  readonly version: string
  /** By its own clock. */
  readonly startedAt: EpochMs
}

/** How far it is. */
export interface NodeProgress {
  /** Up to where it has applied the feed; `undefined`: it has no copy yet. */
  readonly position: FeedPosition | undefined
  /** `undefined`: it has no copy yet, or does not say. */
  readonly copyAgeMs: number | undefined
  readonly isDraining: boolean
}

/** What a node says of itself. */
export interface NodeReport extends NodeIdentity, NodeProgress {
  /** For how long from now on it may decide, whether it reports again or not. */
  readonly leaseMs: number
}

/** What is known of a node, all times from now on by the clock of the store. */
export interface KnownNode extends NodeIdentity, NodeProgress {
  readonly reportedMsAgo: number
  /** 0 or less: it is gone, and decides nothing any more. */
  readonly leaseLeftMs: number
}

/** Which nodes share a store, and how far each is. */
export interface NodeReader {
  /** All that have reported and were not forgotten, in the order of their ids. */
  list(): Promise<readonly KnownNode[]>
}

/**
 * Where nodes report. Never a part of a transaction: what many nodes write all the time must neither
 * wait for those who change something nor make them wait.
 */
export interface NodeStore extends NodeReader {
  /**
   * Keeps the reports in place of those before. Of one node that is reported from two places, the later
   * place in the same feed and the longer lease count.
   */
  report(reports: readonly NodeReport[]): Promise<void>
  /** Removes nodes that decide nothing any more. */
  leave(ids: readonly string[]): Promise<void>
  /** Removes those whose lease ended longer ago. */
  forget(endedMsAgo: number): Promise<void>
}
