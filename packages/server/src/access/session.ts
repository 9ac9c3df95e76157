import type { Brand, EpochMs } from '@keyfence/core'
import { hash, timingSafeEqual } from 'node:crypto'
import type { AdministratorId, RandomBytes } from '../identifier/identifier.ts'

/** What a browser shows to be somebody: 256 random bits in base64url. Never kept. */
export type SessionSecret = Brand<string, 'SessionSecret'>

/** SHA-256 of a secret that is random already, in hexadecimal. */
export type SecretHash = Brand<string, 'SecretHash'>

/** A signed-in browser, known by the hash of its secret alone. */
export interface Session {
  readonly hash: SecretHash
  readonly administratorId: AdministratorId
  readonly createdAt: EpochMs
  /** When it last asked for something, to the minute. */
  readonly seenAt: EpochMs
}

export interface SessionReader {
  find(hash: SecretHash): Promise<Session | undefined>
}

export interface SessionWriter extends SessionReader {
  insert(session: Session): Promise<void>
  seen(hash: SecretHash, now: EpochMs): Promise<void>
  remove(hash: SecretHash): Promise<void>
  /** Ends every session of an administrator. */
  removeAllOf(id: AdministratorId): Promise<void>
  /** Forgets those that began, or were last seen, too long ago. */
  forget(before: { readonly createdAt: EpochMs; readonly seenAt: EpochMs }): Promise<void>
}

/** How long a session lasts, in milliseconds. */
export interface SessionLife {
  /** Without a request. */
  readonly idleMs: number
  /** From signing in, whatever happens. */
  readonly totalMs: number
}

/** How often it is written down that a session is in use. */
export const SEEN_INTERVAL_MS = 60_000

/** A secret, and what the store knows it by. */
export interface HashedSecret {
  readonly secret: SessionSecret
  readonly hash: SecretHash
}

/** A new secret for a session or a link: 32 octets of `random`. */
export function newSessionSecret(random: RandomBytes): HashedSecret {
  const secret = Buffer.from(random(32)).toString('base64url') as SessionSecret
  return { secret, hash: hashOf(secret) }
}

/** The hash that the store knows a secret by; `undefined` for what cannot be one. */
export function secretHash(text: string | undefined): SecretHash | undefined {
  return text !== undefined && SECRET.test(text) ? hashOf(text) : undefined
}

function hashOf(secret: string): SecretHash {
  return hash('sha256', secret, 'hex') as SecretHash
}

const SECRET = /^[A-Za-z0-9_-]{43}$/

/** Whether a session has ended by itself. */
export function hasEnded(
  session: Pick<Session, 'createdAt' | 'seenAt'>,
  now: EpochMs,
  life: SessionLife,
): boolean {
  // A clock that is set back gives nobody more time than the whole.
  return now - session.seenAt > life.idleMs || Math.abs(now - session.createdAt) > life.totalMs
}

/**
 * What a page of ours says with each change, and another site's page cannot know: it follows from the
 * session's secret, which no script can read, and is told to pages of this origin alone.
 */
export function csrfToken(secret: SessionSecret): string {
  return hash('sha256', `keyfence csrf ${secret}`, 'base64url')
}

/** Whether it is the session's, compared in constant time. */
export function isCsrfToken(sent: string | undefined, secret: SessionSecret): boolean {
  const expected = Buffer.from(csrfToken(secret))
  const given = Buffer.from(sent ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
