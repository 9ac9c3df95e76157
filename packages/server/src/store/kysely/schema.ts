import type { Generated } from 'kysely'

/** The tables of the store, on every engine. Times are epoch milliseconds, flags 0 or 1. */
export interface Schema {
  meta: { key: string; value: string }
  tokens: TokenRow
  /** Kept when a token is deleted: a hash once known is never accepted again (spec §6). */
  secrets: { hash: string; token_id: string; created_at: number; ends_at: number | null }
  entries: EntryRow
  /** The ordered feed: the newest change of each token, deleted ones included. */
  changes: ChangeRow
  management_keys: ManagementKeyRow
  audit: AuditRow
  /** Answers to requests with an `Idempotency-Key`, without their secrets. */
  idempotent_answers: IdempotentAnswerRow
  refusals: RefusalTable
  outcome_counts: OutcomeCountRow
  traffic_hours: TrafficHourRow
  refused_hours: RefusedHourRow
  seen_values: SeenValueRow
  administrators: AdministratorRow
  sessions: SessionRow
  sign_in_links: SignInLinkRow
  portal_links: PortalLinkRow
  portal_sessions: PortalSessionRow
  nodes: NodeRow
}

export interface TokenRow {
  id: string
  name: string
  owner: string
  hint: string
  /** JSON object of strings. */
  metadata: string
  created_at: number
  not_before: number | null
  expires_at: number | null
  last_used_at: number | null
  status: string
  mode: string
  domains_enabled: number
  ips_enabled: number
  version: number
}

export interface ChangeRow {
  revision: Generated<number>
  token_id: string
  created_at: number
  /** The token's, kept here because a deleted one's row cannot say it any more. */
  owner: string | null
}

export interface EntryRow {
  token_id: string
  list: 'domains' | 'ips'
  position: number
  value: string
  subdomains: number
  label: string
}

/** An entry as a part of its token's restrictions. */
export type ListedEntryRow = Pick<EntryRow, 'list' | 'value' | 'subdomains' | 'label'>

export interface ManagementKeyRow {
  id: string
  name: string
  hash: string
  hint: string
  /** JSON array of scopes. */
  scopes: string
  owner: string | null
  created_at: number
  revoked_at: number | null
}

export interface AuditRow {
  id: string
  created_at: number
  actor: string
  action: string
  /** The token or key that was changed. */
  target: string
  owner: string | null
  /** JSON object: what changed, never a secret or hash. */
  details: string
}

export interface IdempotentAnswerRow {
  caller: string
  idempotency_key: string
  request_hash: string
  status: number
  body: string
  created_at: number
}

export interface RefusalTable {
  /** Grows with each refusal; never used again. */
  position: Generated<number>
  request_id: string
  refused_at: number
  token_id: string | null
  owner: string | null
  reason: string
  source: string | null
  domain: string | null
  address: string | null
  method: string
  path: string
  enforced: number
}

/** Calls that came out the same, within `span_ms` from `starts_at` on. */
export interface OutcomeCountRow {
  /** `''`: no token is known. */
  token_id: string
  span_ms: number
  starts_at: number
  effect: string
  reason: string
  /** `''`: no source is told. */
  source: string
  count: number
}

/** Calls of all tokens together that came out the same, within the hour from `starts_at` on. */
export interface TrafficHourRow {
  starts_at: number
  effect: string
  reason: string
  /** `''`: no source is told. */
  source: string
  count: number
}

/** Refused calls of one token within the hour from `starts_at` on. */
export interface RefusedHourRow {
  starts_at: number
  token_id: string
  count: number
}

/** Calls of one token from one value. */
export interface SeenValueRow {
  token_id: string
  kind: string
  /** `''` for the kinds that have none. */
  value: string
  count: number
  allowed: number
  first_at: number
  last_at: number
}

export interface AdministratorRow {
  id: string
  name: string
  /** The form in which names are compared. */
  name_key: string
  role: string
  /** In the PHC string format; `null` until one is chosen. */
  password_hash: string | null
  created_at: number
}

export interface SessionRow {
  hash: string
  administrator_id: string
  created_at: number
  seen_at: number
}

export interface SignInLinkRow {
  hash: string
  kind: string
  /** `null`: for the first administrator. */
  administrator_id: string | null
  expires_at: number
}

/** What a link to the owner portal grants, and the session that it becomes. */
export interface PortalGrantRow {
  hash: string
  grant_id: string
  owner: string
  /** JSON array of capabilities. */
  capabilities: string
  return_url: string | null
  granted_by: string
  created_at: number
}

export type PortalLinkRow = PortalGrantRow

export interface PortalSessionRow extends PortalGrantRow {
  seen_at: number
}

/** A node as it last reported. Times but its start are of the store's clock. */
export interface NodeRow {
  id: string
  kind: string
  name: string
  version: string
  started_at: number
  /** With `revision`, up to where it has applied the feed; `null`: it has no copy yet. */
  epoch: string | null
  revision: number | null
  /** When its copy was whole. */
  copied_at: number | null
  draining: number
  reported_at: number
  lease_until: number
}
