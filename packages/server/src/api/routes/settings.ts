import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { formatIpAddress, formatIpRange, traceClientAddress } from '@keyfence/core'
import { inertValue } from '../../activity/inert-text.ts'
import type { SeenClient } from '../../activity/last-client.ts'
import { CHECK_PROFILE_NAMES } from '../../config/config.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { requires } from '../gate/requires.ts'
import { ShownTime, shownTime } from '../schema/text.ts'
import { answered, NO_QUERY, readProblems } from './route-parts.ts'

const settingsTag = { tags: ['Settings'] }

const EntryLimits = {
  maxDomains: z.int(),
  maxIps: z.int(),
  allowIpRanges: z.boolean(),
  allowPrivateAddresses: z.boolean(),
}

const entryLimitsRoute = createRoute({
  ...settingsTag,
  method: 'get',
  path: '/v1/entries/settings',
  operationId: 'readEntrySettings',
  summary: 'Read how entries are judged',
  ...requires('read', { portal: [] }),
  request: { query: NO_QUERY },
  responses: {
    200: answered('The settings.', z.object(EntryLimits).openapi('EntrySettings')),
    ...readProblems(),
  },
})

const Settings = z
  .object({
    ...EntryLimits,
    trustedProxies: z.array(z.string()).openapi({ description: 'Addresses and CIDR blocks.' }),
    tokenFields: z.array(
      z.object({
        name: z.string(),
        scheme: z.string().nullable().openapi({ description: '`null`: the token stands alone.' }),
      }),
    ),
    tokenQuery: z.string().nullable(),
    tokenPrefix: z.string(),
    checkProfile: z.enum(CHECK_PROFILE_NAMES).nullable().openapi({
      description: 'Which proxy asks `/check`; `null`: there is no check endpoint.',
    }),
    httpsOriginsOnly: z.boolean(),
    activityDays: z.int(),
    refusalsPerTokenMax: z.int(),
    sessionIdleMinutes: z.number(),
    sessionHoursMax: z.number(),
    publicUrl: z.string(),
  })
  .openapi('Settings')

const settingsRoute = createRoute({
  ...settingsTag,
  method: 'get',
  path: '/v1/settings',
  operationId: 'readSettings',
  summary: 'Read the settings that this node runs with',
  description: 'Those that people ask about; never a secret. They are changed where it is started.',
  ...requires('read', { unbound: true }),
  request: { query: NO_QUERY },
  responses: { 200: answered('The settings.', Settings), ...readProblems() },
})

const Trace = z
  .object({
    at: ShownTime,
    forwardedFor: z.array(z.string()).openapi({
      description: 'The values of `X-Forwarded-For`, line by line; printable ASCII, and cut.',
    }),
    hops: z
      .array(z.object({ text: z.string(), address: z.string().nullable(), isTrusted: z.boolean() }))
      .openapi({ description: 'What was looked at: the peer, then hops from the right.' }),
    address: z.string().nullable().openapi({
      description: 'The address that was used; `null`: none can be believed.',
    }),
  })
  .openapi('ClientAddressTrace')

const clientAddressRoute = createRoute({
  ...settingsTag,
  method: 'get',
  path: '/v1/client-address',
  operationId: 'readClientAddress',
  summary: 'Read how a client\u2019s address is told',
  description:
    'Of this very request, and of the last one that was judged at the data listener: how the address was found, hop by hop.',
  ...requires('read', { unbound: true }),
  request: { query: NO_QUERY },
  responses: {
    200: answered(
      'How both addresses were found.',
      z
        .object({
          thisRequest: Trace,
          lastJudged: Trace.nullable().openapi({ description: '`null`: none since the start.' }),
        })
        .openapi('ClientAddresses'),
    ),
    ...readProblems(),
  },
})

/** `GET /v1/settings`, `/v1/entries/settings` and `/v1/client-address` */
export function settingsOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(entryLimitsRoute, (c) => c.json(entryLimits(c), 200))
  app.openapi(settingsRoute, (c) => {
    const { settings } = c.var.api
    const { sessionLife, tokenQuery, tokenPrefix, checkProfile, httpsOriginsOnly } = settings
    const { activityDays, refusalsPerTokenMax, publicUrl } = settings
    return c.json(
      {
        ...entryLimits(c),
        trustedProxies: settings.trustedProxies.map(formatIpRange),
        tokenFields: settings.tokenFields.map(({ name, scheme }) => ({
          name,
          scheme: scheme ?? null,
        })),
        tokenQuery: tokenQuery ?? null,
        tokenPrefix,
        checkProfile: checkProfile ?? null,
        httpsOriginsOnly,
        activityDays,
        refusalsPerTokenMax,
        sessionIdleMinutes: sessionLife.idleMs / 60_000,
        sessionHoursMax: sessionLife.totalMs / 3_600_000,
        publicUrl,
      },
      200,
    )
  })
  app.openapi(clientAddressRoute, async (c) => {
    const { clock, lastClient, settings } = c.var.api
    const forwarded = c.req.header('x-forwarded-for')
    const own: SeenClient = {
      at: clock.now(),
      peer: c.env.peer,
      forwardedFor: forwarded === undefined ? [] : [forwarded],
    }
    const last = await lastClient()
    return c.json(
      {
        thisRequest: shownTrace(c, own, 'is_client'),
        lastJudged: last === undefined ? null : shownTrace(c, last, settings.dataBarePeer),
      },
      200,
    )
  })
}

function entryLimits(c: ApiRequest) {
  const { maxDomains, maxIps, allowIpRanges, allowPrivateAddresses } = c.var.api.settings
  return { maxDomains, maxIps, allowIpRanges, allowPrivateAddresses }
}

function shownTrace(
  c: ApiRequest,
  { at, peer, forwardedFor }: SeenClient,
  barePeer: 'is_client' | 'is_nobody',
): z.infer<typeof Trace> {
  const { trustedProxies } = c.var.api.settings
  const trace = traceClientAddress(peer, forwardedFor, { trustedProxies, barePeer })
  return {
    at: shownTime(at),
    forwardedFor: forwardedFor.map(inertValue),
    hops: trace.hops.map(({ text, address, isTrusted }) => ({
      text: inertValue(text),
      address: address === undefined ? null : formatIpAddress(address),
      isTrusted,
    })),
    address: trace.address === undefined ? null : formatIpAddress(trace.address),
  }
}
