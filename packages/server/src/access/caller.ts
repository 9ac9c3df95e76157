import type { AdministratorId, KeyId, PortalGrantId } from '../identifier/identifier.ts'
import type { Role } from './administrator.ts'
import { SCOPES, type Scope } from './management-key.ts'
import type { Capability } from './portal-session.ts'

/** Who asks the management API for something. */
export type Caller =
  /** Whoever may open the data folder: the command line on the same machine. */
  | { readonly kind: 'operator' }
  /** `KEYFENCE_MANAGEMENT_KEY`, for automation. */
  | { readonly kind: 'environment' }
  | {
      readonly kind: 'key'
      readonly id: KeyId
      readonly scopes: readonly Scope[]
      /** The one owner whose tokens the key sees; `undefined`: all. */
      readonly owner: string | undefined
    }
  /** A person with a session in the console. */
  | { readonly kind: 'administrator'; readonly id: AdministratorId; readonly role: Role }
  /** An owner in the portal. */
  | {
      readonly kind: 'portal'
      readonly id: PortalGrantId
      readonly owner: string
      readonly capabilities: readonly Capability[]
    }

/** What the caller may do; an owner in the portal no more than their capabilities say. */
export function scopesOf(caller: Caller): readonly Scope[] {
  if (caller.kind === 'key') return caller.scopes
  if (caller.kind === 'portal') return ['read', 'write']
  return caller.kind === 'administrator' && caller.role === 'viewer' ? ['read'] : SCOPES
}

/** The one owner that the caller is bound to, `undefined` if none. */
export function boundOwner(caller: Caller): string | undefined {
  return caller.kind === 'key' || caller.kind === 'portal' ? caller.owner : undefined
}

/** Whether a browser sends the caller's proof by itself, whoever's page makes it ask. */
export function isInBrowser(caller: Caller): boolean {
  return caller.kind === 'administrator' || caller.kind === 'portal'
}

/** Whether the caller may know what tokens were used for. */
export function maySeeActivity(caller: Caller): boolean {
  return caller.kind !== 'portal' || caller.capabilities.includes('activity')
}

/** How the audit log names the caller. */
export function actorOf(caller: Caller): string {
  return 'id' in caller ? caller.id : caller.kind
}

/**
 * Whether the caller's changes have to name the version that they change (`If-Match`), as those of
 * a person must who looks at a page that may be old (spec §9). A program's may.
 */
export function mustNameVersion(caller: Caller): boolean {
  switch (caller.kind) {
    case 'operator':
    case 'environment':
    case 'key':
      return false
    case 'administrator':
    case 'portal':
      return true
    default:
      return caller satisfies never
  }
}
