import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answerOf, api, type AuditAction, type VersionedToken } from './client.ts'
import type { operations } from './schema.d.ts'
import { readSession } from './session-client.ts'

/** What the list of tokens is narrowed to; these are the parameters of its URL too. */
export interface TokenFilters {
  readonly name?: string | undefined
  readonly owner?: string | undefined
  readonly status?: 'active' | 'disabled' | 'revoked' | undefined
  readonly attention?: Attention | undefined
  readonly cursor?: string | undefined
  readonly before?: string | undefined
}

/** Why tokens need a look, in the order in which it is offered. */
export const ATTENTIONS = ['unrestricted', 'expiring', 'unused', 'refused'] as const

export type Attention = (typeof ATTENTIONS)[number]

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
})

export function tokensQuery(filters: TokenFilters, withTraffic: boolean) {
  return queryOptions({
    queryKey: ['tokens', 'list', filters, withTraffic],
    // Given up when something else is looked for before it is there.
    queryFn: async ({ signal }) => {
      const query = { ...given(filters), limit: 25, ...(withTraffic ? WITH_TRAFFIC : {}) }
      return (await answerOf(api.GET('/v1/tokens', { params: { query }, signal }))).body
    },
  })
}

const WITH_TRAFFIC = { include: 'traffic' } as const

type Given<Filters> = { [Name in keyof Filters]?: Exclude<Filters[Name], undefined> }

/** Members that are `undefined` left out. */
function given<Filters extends object>(filters: Filters): Given<Filters> {
  const entries = Object.entries(filters).filter(([, value]) => value !== undefined)
  // `as`: the members are those of the filters.
  return Object.fromEntries(entries) as Given<Filters>
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

/** How far back is looked for callers that the lists of a token could take in. */
export const ACCESS_DAYS = 30

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

/** The settings by which entries are judged. */
export const entrySettingsQuery = queryOptions({
  queryKey: ['entry-settings'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => (await answerOf(api.GET('/v1/entries/settings'))).body,
})

/** The settings that the node runs with. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async () => (await answerOf(api.GET('/v1/settings'))).body,
})

/** How the addresses of this request and of the last judged one were found. */
export const clientAddressQuery = queryOptions({
  queryKey: ['client-address'],
  queryFn: async () => (await answerOf(api.GET('/v1/client-address'))).body,
})

/** What needs attention, and how all calls came out. */
export function overviewQuery(days: '1' | '7') {
  return queryOptions({
    queryKey: ['overview', days],
    queryFn: async () =>
      (await answerOf(api.GET('/v1/overview', { params: { query: { days } } }))).body,
  })
}

export const nodesQuery = queryOptions({
  queryKey: ['nodes'],
  refetchInterval: 5_000,
  queryFn: async () => (await answerOf(api.GET('/v1/nodes'))).body.items,
})

/** What the audit log is narrowed to; these are the parameters of its URL too. */
export interface AuditFilters {
  readonly actor?: string | undefined
  readonly action?: AuditAction | undefined
  readonly target?: string | undefined
  readonly cursor?: string | undefined
  readonly before?: string | undefined
}

export function auditQuery(filters: AuditFilters) {
  return queryOptions({
    queryKey: ['audit', filters],
    queryFn: async () =>
      (
        await answerOf(
          api.GET('/v1/audit', { params: { query: { ...given(filters), limit: 50 } } }),
        )
      ).body,
  })
}

export const administratorsQuery = queryOptions({
  queryKey: ['administrators'],
  queryFn: async () => (await answerOf(api.GET('/v1/administrators'))).body.items,
})

export const keysQuery = infiniteQueryOptions({
  queryKey: ['keys'],
  queryFn: async ({ pageParam }) => {
    const query = { limit: 200, ...(pageParam === '' ? {} : { cursor: pageParam }) }
    return (await answerOf(api.GET('/v1/keys', { params: { query } }))).body
  },
  initialPageParam: '',
  getNextPageParam: (last) => last.nextCursor,
})
