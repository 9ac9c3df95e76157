import type { LinkPurpose, LinkUse, PortalSignedIn, Session, SignedIn, SignIn } from './session.ts'
import { problemOf } from './problem.ts'
import { send, SESSION_PATH, sessionBegan } from './session-fetch.ts'

/** Who is signed in, if anybody. */
export async function readSession(): Promise<Session> {
  // `as`: our own server's answer.
  const session = (await ask('GET', SESSION_PATH)) as Session
  if (session.signedIn) sessionBegan(session)
  return session
}

/** @throws ApiProblem `sign_in_failed`, `too_many_attempts` */
export async function signIn(attempt: SignIn): Promise<SignedIn> {
  return began((await ask('POST', SESSION_PATH, attempt)) as SignedIn) // as above
}

/** What a one-time link is for. @throws ApiProblem `link_not_valid` */
export async function checkLink(link: string): Promise<LinkPurpose> {
  return (await ask('POST', `${SESSION_PATH}/link/check`, { link })) as LinkPurpose // as above
}

/** Uses a one-time link. @throws ApiProblem `link_not_valid`, `password_too_weak` and the like */
export async function followLink(use: LinkUse): Promise<SignedIn> {
  return began((await ask('POST', `${SESSION_PATH}/link`, use)) as SignedIn) // as above
}

/** Uses a link to the owner portal up. @throws ApiProblem `link_not_valid` */
export async function openPortal(link: string): Promise<PortalSignedIn> {
  return began((await ask('POST', `${SESSION_PATH}/link`, { link })) as PortalSignedIn) // as above
}

/**
 * Takes up the session that a new link has begun in another tab, if it is the same owner's: nothing
 * that one owner typed is sent as another.
 */
export async function rejoinPortal(
  owner: string,
): Promise<PortalSignedIn | 'no_session' | 'other_owner'> {
  const session = (await ask('GET', SESSION_PATH)) as Session // as above
  if (!session.signedIn || !('portal' in session)) return 'no_session'
  return session.portal.owner === owner ? began(session) : 'other_owner'
}

/** Ends the session on the server. */
export async function signOut(): Promise<void> {
  await ask('DELETE', SESSION_PATH)
}

function began<Begun extends SignedIn | PortalSignedIn>(session: Begun): Begun {
  sessionBegan(session)
  return session
}

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const request = new Request(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const response = await send(request)
  if (!response.ok) throw await problemOf(response)
  return response.status === 204 ? undefined : response.json()
}
