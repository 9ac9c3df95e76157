import type { Schema } from '../kysely/schema.ts'

/**
 * A table that moves. Each store has an epoch of its own, so that every node reads everything again, and
 * nodes of its own.
 */
export type MovedTable = Exclude<keyof Schema, 'meta' | 'nodes'>

/** All of them. The feed comes last: what it does not name yet, no node decides by. */
export const MOVED_TABLES = [
  'tokens',
  'entries',
  'secrets',
  'management_keys',
  'audit',
  'idempotent_answers',
  'administrators',
  'sessions',
  'sign_in_links',
  'portal_links',
  'portal_sessions',
  'refusals',
  'outcome_counts',
  'traffic_hours',
  'refused_hours',
  'seen_values',
  'changes',
] as const satisfies readonly MovedTable[]
