import { answerOf, api, type Token } from '../api/client.ts'
import { isOvertaken } from '../api/problem.ts'
import { readToken } from '../api/queries.ts'
import type { ChangedToken } from './keep-token.ts'

/** One thing about a token that is to be otherwise. */
export type TokenChange =
  | { readonly kind: 'members'; readonly changes: ChangedMembers }
  | { readonly kind: 'status'; readonly verb: keyof typeof STATUS_AFTER }

type ChangedMembers = Partial<Pick<Token, 'name' | 'mode' | 'expiresAt'>>

const STATUS_AFTER = { disable: 'disabled', enable: 'active', revoke: 'revoked' } as const

/**
 * Changes a token as it was seen. Where it has another version by now, it is read again: what is as it
 * should be counts as done (the answer to an earlier try was lost, perhaps), and what the change is
 * about and nobody else has changed is changed upon that version.
 * @throws ApiProblem `precondition_failed` if somebody else changed the very same
 */
export async function sendChange(seen: ChangedToken, change: TokenChange): Promise<ChangedToken> {
  try {
    return await sendUpon(seen, change)
  } catch (error) {
    if (!isOvertaken(error)) throw error
    const now = await readToken(seen.token.id)
    const wanted = membersAfter(change)
    if (isSame(now.token, wanted)) return now
    if (!isSame(now.token, pick(seen.token, wanted))) throw error
    return sendUpon(now, change)
  }
}

async function sendUpon({ token: { id }, etag }: ChangedToken, change: TokenChange) {
  const params = { path: { id }, header: { 'If-Match': etag } }
  const { body: token, etag: etagNow } =
    change.kind === 'members'
      ? await answerOf(api.PATCH('/v1/tokens/{id}', { params, body: change.changes }))
      : await answerOf(api.POST(`/v1/tokens/{id}/${change.verb}`, { params, body: {} }))
  return { token, etag: etagNow }
}

type Members = Partial<Pick<Token, 'name' | 'mode' | 'expiresAt' | 'status'>>

function membersAfter(change: TokenChange): Members {
  return change.kind === 'members' ? change.changes : { status: STATUS_AFTER[change.verb] }
}

function pick(token: Token, { name, mode, expiresAt, status }: Members): Members {
  return {
    ...(name === undefined ? {} : { name: token.name }),
    ...(mode === undefined ? {} : { mode: token.mode }),
    ...(expiresAt === undefined ? {} : { expiresAt: token.expiresAt }),
    ...(status === undefined ? {} : { status: token.status }),
  }
}

function isSame(token: Token, members: Members): boolean {
  const { expiresAt, ...texts } = members
  if (expiresAt !== undefined && timeOf(expiresAt) !== timeOf(token.expiresAt)) return false
  return Object.entries(texts).every(([name, value]) => Reflect.get(token, name) === value)
}

/** One time has more than one text. */
function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
