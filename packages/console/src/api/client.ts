import createClient from 'openapi-fetch'
import { problemOf } from './problem.ts'
import type { components, paths } from './schema.d.ts'
import { fetchInSession } from './session-fetch.ts'

/** The management API, typed from the routes of the server. */
export const api = createClient<paths>({ baseUrl: '/', fetch: fetchInSession })

export type Token = components['schemas']['Token']
export type ReadToken = components['schemas']['ReadToken']
export type ListedToken = components['schemas']['TokenPage']['items'][number]
export type TokenTraffic = components['schemas']['TokenTraffic']
export type Overview = components['schemas']['Overview']
export type NodeState = components['schemas']['Node']
export type Administrator = components['schemas']['Administrator']
export type ManagementKey = components['schemas']['ManagementKey']
export type AuditEntry = components['schemas']['AuditEntry']
export type AuditAction = AuditEntry['action']
export type ClientAddressTrace = components['schemas']['ClientAddressTrace']
export type Refusal = components['schemas']['Refusal']
export type TokenActivity = components['schemas']['TokenActivity']
export type Explanation = Omit<components['schemas']['Explanation'], 'response'> & {
  /** What the caller gets; `null` where the API itself answers. */
  readonly response: {
    readonly status: number
    readonly headers: readonly (readonly string[])[]
    readonly body: string
  } | null
}
export type RestrictionsPreview = components['schemas']['RestrictionsPreview']
export type CreatedToken = components['schemas']['CreatedToken']
export type RotatedToken = components['schemas']['RotatedToken']
export type TokenDraft = components['schemas']['TokenDraft']

/** A token as it was read, and the version to name when it is changed. */
export interface VersionedToken {
  readonly token: ReadToken
  readonly etag: string
}

/** What an answer holds. @throws ApiProblem for every answer but a good one. */
export async function answerOf<Body>(
  asked: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<{ readonly body: Body; readonly etag: string }> {
  const { data, error, response } = await asked
  if (!response.ok) throw await problemOf(new Response(JSON.stringify(error ?? {}), response))
  // `as`: a good answer has its body; of 204 nobody reads it.
  return { body: data as Body, etag: response.headers.get('ETag') ?? '' }
}
