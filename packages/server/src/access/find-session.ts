import type { EpochMs } from '@keyfence/core'
import type { Store } from '../store/store.ts'
import type { Administrator } from './administrator.ts'
import { hasEnded, type SecretHash, SEEN_INTERVAL_MS, type SessionLife } from './session.ts'

/**
 * Whose session this is, if it lives; that it is in use is written down once a minute.
 * @returns `undefined` where it has ended, its administrator is gone, or it never was.
 */
export async function findSession(
  store: Pick<Store, 'sessions' | 'administrators' | 'transact'>,
  hash: SecretHash,
  { now, life }: { readonly now: EpochMs; readonly life: SessionLife },
): Promise<Administrator | undefined> {
  const session = await store.sessions.find(hash)
  if (session === undefined || hasEnded(session, now, life)) return undefined
  const administrator = await store.administrators.find(session.administratorId)
  if (administrator !== undefined && now - session.seenAt >= SEEN_INTERVAL_MS) {
    await store.transact(({ sessions }) => sessions.seen(hash, now))
  }
  return administrator
}
