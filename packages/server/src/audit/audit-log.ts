import type { EpochMs } from '@keyfence/core'
import type { AuditId } from '../identifier/identifier.ts'
import type { TwoWayPageRequest } from '../token/token-store.ts'

/** What was done; stable words, kept for good. */
export const AUDIT_ACTIONS = [
  'token.create',
  'token.import',
  'token.change',
  'token.restrict',
  'token.rotate',
  'token.revoke',
  'token.disable',
  'token.enable',
  'token.delete',
  'key.create',
  'key.revoke',
  'administrator.create',
  'administrator.change',
  'administrator.remove',
  'administrator.link',
  'administrator.password',
  'administrator.sign_in',
  'portal.link',
  'portal.open',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** One change: who, what, when. Never holds a secret or a hash. */
export interface AuditEntry {
  readonly id: AuditId
  readonly createdAt: EpochMs
  /** `operator`, `environment`, or the id of a management key, administrator or portal grant. */
  readonly actor: string
  readonly action: AuditAction
  /** The id of the token, key, administrator or portal grant. */
  readonly target: string
  readonly owner: string | undefined
  readonly details: Readonly<Record<string, unknown>>
}

/** Which entries a list holds; absent members do not limit. */
export interface AuditFilter {
  readonly owner?: string | undefined
  readonly target?: string | undefined
  readonly actor?: string | undefined
  readonly action?: AuditAction | undefined
}

export interface AuditReader {
  list(filter: AuditFilter, page: TwoWayPageRequest<AuditId>): Promise<readonly AuditEntry[]>
}

/** Written in the transaction of the change that it tells of. */
export interface AuditWriter extends AuditReader {
  append(entry: AuditEntry): Promise<void>
  appendAll(entries: readonly AuditEntry[]): Promise<void>
}
