import type { LinkPurpose, LinkUse, Session, SignedIn, SignIn } from './session.ts'
import { problemOf } from './problem.ts'
import { send, SESSION_PATH, sessionBegan } from './session-fetch.ts'

/** Who is signed in, if anybody. */
export async function readSession(): Promise<Session> {
  // `as`: our own server's answer.
  const session = (await ask('GET', SESSION_PATH)) as Session
  if (session.signedIn) sessionBegan(session.csrfToken)
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

/** Ends the session on the server. */
export async function signOut(): Promise<void> {
  await ask('DELETE', SESSION_PATH)
}

function began(session: SignedIn): SignedIn {
  sessionBegan(session.csrfToken)
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
