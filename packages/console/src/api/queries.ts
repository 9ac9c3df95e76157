import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answerOf, api, type VersionedToken } from './client.ts'
import type { operations } from './schema.d.ts'
import { readSession } from './session-client.ts'

/** What the list of tokens is narrowed to; these are the parameters of its URL too. */
export interface TokenFilters {
  readonly name?: string | undefined
  readonly owner?: string | undefined
  readonly status?: 'active' | 'disabled' | 'revoked' | undefined
  readonly cursor?: string | undefined
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
})

export function tokensQuery(filters: TokenFilters) {
  return queryOptions({
    queryKey: ['tokens', 'list', filters],
    queryFn: async () =>
      (
        await answerOf(
          api.GET('/v1/tokens', { params: { query: { ...given(filters), limit: 25 } } }),
        )
      ).body,
  })
}

/** Members that are `undefined` left out. */
function given(filters: TokenFilters) {
  const { name, owner, status, cursor } = filters
  return {
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
    ...(status === undefined ? {} : { status }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

export function tokenQuery(id: string) {
  return queryOptions({
    queryKey: ['tokens', 'one', id],
    queryFn: () => readToken(id),
  })
}

/** A token and its version. */
export async function readToken(id: string): Promise<VersionedToken> {
  const { body, etag } = await answerOf(api.GET('/v1/tokens/{id}', { params: { path: { id } } }))
  return { token: body, etag }
}

/** @param days how far back; 1 and 7 are counted by the hour, 30 by the day. */
export function activityQuery(id: string, days: number) {
  return queryOptions({
    queryKey: ['tokens', 'activity', id, days],
    queryFn: async () => {
      const since = new Date(Date.now() - days * 86_400_000).toISOString()
      const query = { since, limit: 1 }
      return (
        await answerOf(api.GET('/v1/tokens/{id}/activity', { params: { path: { id }, query } }))
      ).body
    },
  })
}

export type RefusalReason = NonNullable<NonNullable<Parameters<typeof refusalPage>[0]>['reason']>

export function refusalsQuery(token: string, reason: RefusalReason | undefined) {
  return infiniteQueryOptions({
    queryKey: ['tokens', 'refusals', token, reason ?? null],
    queryFn: ({ pageParam }) =>
      refusalPage({
        token,
        limit: 20,
        ...(reason === undefined ? {} : { reason }),
        ...(pageParam === '' ? {} : { cursor: pageParam }),
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor,
  })
}

async function refusalPage(query: NonNullable<operations['listRefusals']['parameters']['query']>) {
  return (await answerOf(api.GET('/v1/refusals', { params: { query } }))).body
}

/** Why a request was refused, by its id. */
export async function findRefusal(id: string) {
  return (await answerOf(api.GET('/v1/refusals/{id}', { params: { path: { id } } }))).body
}

/**
 * The settings by which entries are judged, found out by asking about two that only they allow.
 * How many entries a list may hold is not told: 5 is the default, and saving says otherwise.
 */
export const entrySettingsQuery = queryOptions({
  queryKey: ['entry-settings'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => ({
    maxDomains: 5,
    maxIps: 5,
    allowPrivateAddresses: await isAllowed('10.0.0.1'),
    allowIpRanges: await isAllowed('8.8.8.0/24'),
  }),
})

async function isAllowed(input: string): Promise<boolean> {
  return (await answerOf(api.POST('/v1/entries/check', { body: { kind: 'ip', input } }))).body.ok
}
