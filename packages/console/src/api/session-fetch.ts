import { ApiProblem, UNREACHABLE } from './problem.ts'
import type { PortalSignedIn, Session, SignedIn } from './session.ts'

let csrfToken: string | undefined
let person: string | undefined
let asking: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
const listeners = new Set<() => void>()

/** Says whose token goes with requests that write, from now on. Ends the wait for a sign-in. */
export function sessionBegan(session: SignedIn | PortalSignedIn): void {
  csrfToken = session.csrfToken
  person = personOf(session)
  const waiting = asking
  asking = undefined
  waiting?.resolve()
  tellAll()
}

/** Whether requests wait until somebody signs in again. */
export function isSignInNeeded(): boolean {
  return asking !== undefined
}

/** Tells when {@link isSignInNeeded} changed; gives what ends the telling. */
export function onSignInNeeded(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Sends a request of the session. Where the session has ended, it waits until somebody has signed in
 * again and sends it once more: the page that asked keeps everything that was typed.
 */
export async function fetchInSession(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await send(request)
  if (response.status === 401) await signedInAgain()
  else if (response.status !== 403 || !(await hasNewerSession())) return response
  return send(again)
}

/** Whether another tab has signed in since: its session is this one's too, by another CSRF token. */
async function hasNewerSession(): Promise<boolean> {
  const response = await send(new Request(SESSION_PATH))
  // `as`: our own server's answer.
  const session = (response.ok ? await response.json() : undefined) as Session | undefined
  if (session?.signedIn !== true || session.csrfToken === csrfToken) return false
  // What was typed here is not theirs, and would be sent in their name.
  if (personOf(session) !== person) throw new ApiProblem(SOMEBODY_ELSE)
  sessionBegan(session)
  return true
}

function personOf(session: SignedIn | PortalSignedIn): string {
  return 'portal' in session ? `owner ${session.portal.owner}` : session.administrator.id
}

const SOMEBODY_ELSE = {
  status: 403,
  code: 'somebody_else',
  detail: 'Somebody else is signed in in this browser now. Load the page again to go on as they.',
} as const

/** Where the session is read, begun and ended. */
export const SESSION_PATH = '/v1/session'

/** Sends a request as it is, with what proves that this page wrote it. */
export async function send(request: Request): Promise<Response> {
  const isWriting = !['GET', 'HEAD'].includes(request.method)
  if (isWriting && csrfToken !== undefined) request.headers.set('Keyfence-CSRF-Token', csrfToken)
  // Every writing request has the content type, those without a body too.
  if (isWriting) request.headers.set('Content-Type', 'application/json')
  try {
    return await fetch(request)
  } catch {
    throw new ApiProblem(UNREACHABLE)
  }
}

function signedInAgain(): Promise<void> {
  if (asking === undefined) {
    asking = Promise.withResolvers<void>()
    tellAll()
  }
  return asking.promise
}

function tellAll(): void {
  for (const listener of listeners) listener()
}
