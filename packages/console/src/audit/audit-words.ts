import type { AuditAction, AuditEntry } from '../api/client.ts'

/** What was done, in words that follow the name of who did it. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  'token.create': 'created the token',
  'token.import': 'imported the token',
  'token.change': 'changed the token',
  'token.restrict': 'changed where the token may be used',
  'token.rotate': 'rotated the token',
  'token.revoke': 'revoked the token',
  'token.disable': 'disabled the token',
  'token.enable': 'enabled the token',
  'token.delete': 'deleted the token',
  'key.create': 'created the management key',
  'key.revoke': 'revoked the management key',
  'administrator.create': 'invited the administrator',
  'administrator.change': 'changed the role of the administrator',
  'administrator.remove': 'removed the administrator',
  'administrator.link': 'made a sign-in link for the administrator',
  'administrator.password': 'chose a new password as the administrator',
  'portal.link': 'made a link to the owner portal,',
  'portal.open': 'opened the owner portal,',
  'administrator.sign_in': 'signed in as the administrator',
}

/** Every action, in the order in which it is offered. */
// `as`: the record has each action and no other member.
export const AUDIT_ACTIONS = Object.keys(ACTION_WORDS) as AuditAction[]

/** Who acts without being an administrator or a key. */
const ACTOR_WORDS: Readonly<Record<string, string>> = {
  operator: 'Somebody on the server',
  environment: 'The key of the environment',
}

/** What the id of a link to the portal begins with, and of what is done with it. */
const PORTAL_PREFIX = 'por_'

/** What is known by id of who acts and of what is changed. */
export type NamesById = ReadonlyMap<string, string>

/** Who did it: a name, the name and hint of a key, or where they came from. */
export function actorText(
  { actor, owner }: Pick<AuditEntry, 'actor' | 'owner'>,
  names: NamesById,
): string {
  if (actor.startsWith(PORTAL_PREFIX)) return `${owner ?? 'An owner'}, in the portal,`
  return ACTOR_WORDS[actor] ?? names.get(actor) ?? shortId(actor)
}

/** What was changed: its name if it is known, and the end of its id if not. */
export function targetText(
  { target, details }: Pick<AuditEntry, 'target' | 'details'>,
  names: NamesById,
): string {
  const { name } = details
  return names.get(target) ?? (typeof name === 'string' ? name : shortId(target))
}

/** Long enough to tell two apart in one list. */
function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 4)}…${id.slice(-6)}` : id
}

/** What the entry says beside that: each member as a line. */
export function detailLines({ details }: Pick<AuditEntry, 'details'>): readonly string[] {
  return Object.entries(details).map(([name, value]) => `${name}: ${shown(value)}`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
