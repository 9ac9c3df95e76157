import type { Caller } from '../access/caller.ts'
import type { Capability } from '../access/portal-session.ts'
import { refuse } from './problem.ts'

/** The members of a token that can be changed. */
const MEMBERS = ['name', 'metadata', 'notBefore', 'expiresAt', 'mode'] as const

type Member = (typeof MEMBERS)[number]

type Refused = ReturnType<typeof refuse<'forbidden'>>

/**
 * What an owner in the portal needs to change a member. Metadata is the provider's: the API behind
 * may be told of it (`forwardMetadata`), and an owner who wrote it would choose their own plan.
 */
const NEEDED: Readonly<Record<Member, Capability | 'nobody'>> = {
  name: 'settings',
  metadata: 'nobody',
  notBefore: 'settings',
  expiresAt: 'settings',
  mode: 'restrict',
}

/** Refuses to change a member that the caller, an owner in the portal, may not; others may all. */
export function refuseMember(
  changes: { readonly [Name in Member]?: unknown },
  caller: Caller,
): Refused | undefined {
  if (caller.kind !== 'portal') return undefined
  const own: readonly string[] = caller.capabilities
  const closed = MEMBERS.find((name) => changes[name] !== undefined && !own.includes(NEEDED[name]))
  return closed === undefined ? undefined : refused(closed)
}

/** Refuses a new token with what an owner in the portal may not say of it: metadata. */
export function refuseMetadata(
  draft: { readonly metadata?: unknown },
  caller: Caller,
): Refused | undefined {
  return caller.kind === 'portal' && draft.metadata !== undefined ? refused('metadata') : undefined
}

function refused(member: Member): Refused {
  const needed = NEEDED[member]
  const detail =
    needed === 'nobody'
      ? `Leave ${member} out: it is not for owners.`
      : `This needs a link that may ${needed}.`
  return refuse('forbidden', { detail, path: `/${member}` })
}
