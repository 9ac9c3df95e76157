import { z } from '@hono/zod-openapi'
import {
  ALLOW_REASONS,
  DENY_REASONS,
  type EpochMs,
  formatIpAddress,
  parseDomain,
  parseIpAddress,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from '@keyfence/core'
import { SPANS_MS } from '../../activity/call-count.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { closedObject } from '../closed-object.ts'
import { parseRequestId, parseTokenId } from '../parse-identifier.ts'

/** How much of each one report holds; a guard that has more sends another. */
const REFUSALS_MAX = 500
const COUNTS_MAX = 2000
const SEEN_MAX = 2000
/** All of them at their longest, and no more. */
export const REPORT_BYTES_MAX = 2 * 1_048_576

const CALLS_MAX = 1_000_000_000

const REFUSALS = [...DENY_REASONS, ...TOKEN_REASONS, ...UNAVAILABLE_REASONS] as const

const TokenIdText = z
  .string()
  .refine((text) => parseTokenId(text) !== undefined, 'The id of a token, tok_….')
  .transform((text) => text as TokenId) // it has been parsed a line above

const Calls = z.int().min(1).max(CALLS_MAX)
const Time = z.int().min(0).openapi({ description: 'Epoch milliseconds, within the minute.' })
const Source = z.enum(['browser', 'server']).nullable()
const DomainText = z.string().refine((text) => parseDomain(text) === text, 'A domain.')
const AddressText = z.string().refine(isCanonicalAddress, 'An address in canonical form.')

const ReportedRefusal = closedObject({
  requestId: z.string().refine((text) => parseRequestId(text) !== undefined, 'A request id.'),
  refusedAt: Time,
  tokenId: TokenIdText.nullable(),
  reason: z.enum(REFUSALS),
  source: Source,
  domain: DomainText.nullable(),
  address: AddressText.nullable(),
  method: z.string().max(32),
  path: z.string().max(1024).openapi({ description: 'Without the query.' }),
  enforced: z.boolean(),
})

const ReportedCount = closedObject({
  tokenId: TokenIdText.nullable(),
  effect: z.enum(['allow', 'deny']),
  reason: z.enum([...ALLOW_REASONS, ...REFUSALS]),
  source: Source,
  count: Calls,
}).refine(isPossible, 'No call has this effect for this reason.')

const seenTimes = { count: Calls, allowed: z.int().min(0), firstAt: Time, lastAt: Time }
const WITHOUT_VALUE = ['domain_missing', 'domain_unreadable', 'ip_unreadable', 'other'] as const

const ReportedSeen = z
  .discriminatedUnion('kind', [
    closedObject({
      tokenId: TokenIdText,
      kind: z.enum(['domain', 'http_domain']),
      value: DomainText,
      ...seenTimes,
    }),
    closedObject({
      tokenId: TokenIdText,
      kind: z.literal('address'),
      value: AddressText,
      ...seenTimes,
    }),
    closedObject({
      tokenId: TokenIdText,
      kind: z.enum(WITHOUT_VALUE),
      value: z.literal(''),
      ...seenTimes,
    }),
  ])
  .refine(({ count, allowed }) => allowed <= count, 'No more calls are allowed than there were.')

/** What a guard observed within one minute. */
export const ActivityReport = closedObject({
  minute: z
    .int()
    .min(0)
    .multipleOf(SPANS_MS.minute)
    .openapi({ description: 'When the minute began, in epoch milliseconds.' }),
  refusals: z.array(ReportedRefusal).max(REFUSALS_MAX),
  counts: z.array(ReportedCount).max(COUNTS_MAX),
  seen: z.array(ReportedSeen).max(SEEN_MAX),
})
  .refine(isOfOneMinute, 'All times lie within the minute.')
  .openapi('ActivityReport')

export type ActivityReport = z.output<typeof ActivityReport>

function isCanonicalAddress(text: string): boolean {
  const address = parseIpAddress(text)
  return address !== undefined && formatIpAddress(address) === text
}

const RULE_REASONS: ReadonlySet<string> = new Set([...ALLOW_REASONS, ...DENY_REASONS])
const ALLOWS: ReadonlySet<string> = new Set(ALLOW_REASONS)

/** In report mode a refusal of the rule is an allow; nothing else is. */
function isPossible({ effect, reason }: { readonly effect: string; readonly reason: string }) {
  return effect === 'allow' ? RULE_REASONS.has(reason) : !ALLOWS.has(reason)
}

function isOfOneMinute(report: {
  readonly minute: EpochMs
  readonly refusals: readonly { readonly refusedAt: EpochMs }[]
  readonly seen: readonly { readonly firstAt: EpochMs; readonly lastAt: EpochMs }[]
}): boolean {
  const { minute, refusals, seen } = report
  const isWithin = (time: EpochMs): boolean => time >= minute && time < minute + SPANS_MS.minute
  return (
    refusals.every(({ refusedAt }) => isWithin(refusedAt)) &&
    seen.every(({ firstAt, lastAt }) => isWithin(firstAt) && firstAt <= lastAt && isWithin(lastAt))
  )
}
