import { clientAddress } from '@keyfence/core'
import { type Administrator, nameKey } from '../access/administrator.ts'
import { findSession } from '../access/find-session.ts'
import {
  hashPassword,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  type PasswordProblem,
  passwordProblem,
} from '../access/password.ts'
import { secretHash } from '../access/session.ts'
import { countedAddress } from '../access/sign-in-attempts.ts'
import {
  administratorOf,
  beginSession,
  noteAdministrator,
  type SignedIn,
} from '../access/sign-in.ts'
import { findLink, type LiveLink, takeLink, useLink } from '../access/use-link.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import type { ApiRequest } from './api-context.ts'
import { type Outcome, refuse } from './problem.ts'
import { setSessionCookie, shownSession } from './session-cookie.ts'

/** The administrator whose session the request shows, if it lives. */
export async function signedInAdministrator(c: ApiRequest): Promise<Administrator | undefined> {
  const shown = shownSession(c)
  if (shown === undefined) return undefined
  const { store, clock, settings } = c.var.api
  return findSession(store, shown.hash, { now: clock.now(), life: settings.sessionLife })
}

/** Signs in by name and password; neither is said to be the wrong one. */
export async function signIn(
  c: ApiRequest,
  given: { readonly name: string; readonly password: string },
): Promise<Outcome<SignedIn, 'sign_in_failed' | 'too_many_attempts'>> {
  const { store, attempts } = c.var.api
  const attempt = { nameKey: nameKey(given.name), address: addressOf(c) }
  const waitMs = attempts.count(attempt, c.var.api.clock.now())
  if (waitMs !== undefined) return tooMany(c, waitMs)
  const administrator = await administratorOf(store, given)
  if (administrator === undefined) {
    return refuse('sign_in_failed', 'Check the name and the password.')
  }
  attempts.succeeded(attempt)
  return begin(c, administrator, async () => {})
}

/** Signs in by a link, and sets the password if the link is for that. */
export async function signInByLink(
  c: ApiRequest,
  given: GivenLink,
): Promise<Outcome<SignedIn, 'link_not_valid' | 'password_refused' | 'invalid_request'>> {
  const live = await liveLink(c, given.link)
  if (!live.ok) return live
  const administratorBy =
    live.value.link.kind === 'sign_in'
      ? ({ ok: true, value: takenBy(live.value) } as const)
      : await settingPassword(c, live.value, given)
  if (!administratorBy.ok) return administratorBy
  const signedIn = await c.var.api.store.transact(async (transaction) => {
    const administrator = await administratorBy.value(transaction)
    return administrator === undefined ? undefined : started(c, transaction, administrator)
  })
  if (signedIn === undefined) return LINK_NOT_VALID
  setSessionCookie(c, signedIn.secret)
  return { ok: true, value: signedIn }
}

interface GivenLink {
  readonly link: string
  readonly name?: string | undefined
  readonly password?: string | undefined
}

/** Whom the link lets in, once it is taken; `undefined` where somebody was faster. */
type LetIn = (transaction: StoreTransaction) => Promise<Administrator | undefined>

function takenBy(live: LiveLink): LetIn {
  return (transaction) => takeLink(transaction, live)
}

async function settingPassword(
  c: ApiRequest,
  live: LiveLink,
  { name: given, password }: GivenLink,
): Promise<Outcome<LetIn, 'password_refused' | 'invalid_request'>> {
  const name = live.administrator?.name ?? given
  if (name === undefined) {
    return refuse('invalid_request', { detail: 'Choose a name to sign in with.', path: '/name' })
  }
  if (password === undefined) {
    return refuse('invalid_request', { detail: 'Choose a password.', path: '/password' })
  }
  const refused = await refusePassword(password, name)
  if (refused !== undefined) return refused
  // Before the transaction: this takes long on purpose.
  const passwordHash = await hashPassword(password, c.var.api.random)
  const context = contextOf(c, 'link')
  return {
    ok: true,
    value: (transaction) => useLink(transaction, live, { name, passwordHash, context }),
  }
}

/** Changes the password of whoever is signed in; every session of before ends. */
export async function changePassword(
  c: ApiRequest,
  given: { readonly current: string; readonly password: string },
): Promise<Outcome<SignedIn, 'sign_in_failed' | 'too_many_attempts' | 'password_refused'>> {
  const { store, random, attempts, clock } = c.var.api
  const { caller } = c.var
  const known =
    caller.kind === 'administrator' ? await store.administrators.find(caller.id) : undefined
  if (known === undefined) return refuse('sign_in_failed', 'Sign in to change your password.')
  const attempt = { nameKey: nameKey(known.name), address: addressOf(c) }
  const waitMs = attempts.count(attempt, clock.now())
  if (waitMs !== undefined) return tooMany(c, waitMs)
  const isRight = await administratorOf(store, { name: known.name, password: given.current })
  if (isRight === undefined) {
    return refuse('sign_in_failed', { detail: 'Check the present password.', path: '/current' })
  }
  attempts.succeeded(attempt)
  const refused = await refusePassword(given.password, known.name)
  if (refused !== undefined) return refused
  const passwordHash = await hashPassword(given.password, random)
  return begin(c, known, async (transaction) => {
    await transaction.administrators.update(known.id, { passwordHash })
    await transaction.sessions.removeAllOf(known.id)
    await noteAdministrator(transaction, known, {
      context: contextOf(c, known.id),
      action: 'administrator.password',
    })
  })
}

/** The link, if it works. */
export async function liveLink(
  c: ApiRequest,
  link: string,
): Promise<Outcome<LiveLink, 'link_not_valid'>> {
  const { store, clock } = c.var.api
  const live = await findLink(store, secretHash(link), clock.now())
  return live === undefined ? LINK_NOT_VALID : { ok: true, value: live }
}

const LINK_NOT_VALID = refuse(
  'link_not_valid',
  'Links work once and for 30 minutes. "keyfence admin link" makes another.',
)

async function begin(
  c: ApiRequest,
  administrator: Administrator,
  before: (transaction: StoreTransaction) => Promise<void>,
): Promise<{ readonly ok: true; readonly value: SignedIn }> {
  const signedIn = await c.var.api.store.transact(async (transaction) => {
    await before(transaction)
    return started(c, transaction, administrator)
  })
  setSessionCookie(c, signedIn.secret)
  return { ok: true, value: signedIn }
}

/** The session of before, whoever set it, does not go on in the new one. */
async function started(
  c: ApiRequest,
  transaction: StoreTransaction,
  administrator: Administrator,
): Promise<SignedIn> {
  const earlier = shownSession(c)
  if (earlier !== undefined) await transaction.sessions.remove(earlier.hash)
  return beginSession(transaction, administrator, {
    context: contextOf(c, administrator.id),
    life: c.var.api.settings.sessionLife,
  })
}

function contextOf(c: ApiRequest, actor: string): ChangeContext {
  const { clock, random } = c.var.api
  return { actor, now: clock.now(), random }
}

async function refusePassword(
  password: string,
  name: string,
): Promise<ReturnType<typeof refuse<'password_refused'>> | undefined> {
  const problem = await passwordProblem(password, [name])
  if (problem === undefined) return undefined
  return refuse('password_refused', { detail: PASSWORD_ADVICE[problem], path: '/password' })
}

const PASSWORD_ADVICE: Readonly<Record<PasswordProblem, string>> = {
  too_short: `Choose ${PASSWORD_LENGTH_MIN} characters or more: a few words that do not belong together.`,
  too_long: `Choose ${PASSWORD_LENGTH_MAX} characters or fewer.`,
  guessable:
    'This is easily guessed. Choose words that do not belong together, or let a password manager choose.',
}

/** Seconds (RFC 9110 §10.2.3), rounded up: asking earlier would be in vain. */
function tooMany(c: ApiRequest, waitMs: number): ReturnType<typeof refuse<'too_many_attempts'>> {
  const seconds = Math.ceil(waitMs / 1000)
  c.header('Retry-After', String(seconds))
  const minutes = Math.ceil(seconds / 60)
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`
  return refuse('too_many_attempts', `Try again in ${wait}.`)
}

/** Whose attempts are counted together. */
function addressOf(c: ApiRequest): string {
  const forwardedFor = c.req.header('x-forwarded-for')
  const address = clientAddress(c.env.peer, forwardedFor === undefined ? [] : [forwardedFor], {
    trustedProxies: c.var.api.settings.trustedProxies,
    barePeer: 'is_client',
  })
  return countedAddress(address)
}
