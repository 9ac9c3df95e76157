import { z } from '@hono/zod-openapi'
import {
  ALLOW_REASONS,
  CALLER_REASONS,
  DENY_REASONS,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from '@keyfence/core'
import type { CallOutcome } from '../../activity/call-count.ts'
import type { Refusal } from '../../activity/refusal.ts'
import type { Seen } from '../../activity/seen.ts'
import { ShownTime, shownTime } from './text.ts'

/** Every reason that a refusal may have. */
export const RefusalReasonText = z.enum([
  ...DENY_REASONS,
  ...TOKEN_REASONS,
  ...UNAVAILABLE_REASONS,
  ...CALLER_REASONS,
])

const SourceText = z.enum(['browser', 'server'])

/** A refusal as answers show it. */
export const RefusalShown = z
  .object({
    requestId: z.string().openapi({
      description: 'As the caller got it in `Keyfence-Request-Id`.',
      example: 'req_3q2-7wAAAAAAAAAAAAAAAA',
    }),
    refusedAt: ShownTime,
    tokenId: z.string().nullable().openapi({ description: '`null`: no token is known.' }),
    owner: z.string().nullable(),
    reason: RefusalReasonText,
    source: SourceText.nullable(),
    domain: z.string().nullable(),
    address: z.string().nullable(),
    method: z.string(),
    path: z.string().openapi({
      description: 'Without the query; printable ASCII, and cut with `…`.',
    }),
    enforced: z
      .boolean()
      .openapi({ description: 'False in report mode, where it was let through.' }),
  })
  .openapi('Refusal')

/** A refusal as an answer shows it. */
export function shownRefusal(refusal: Refusal): z.infer<typeof RefusalShown> {
  return {
    requestId: refusal.requestId,
    refusedAt: shownTime(refusal.refusedAt),
    tokenId: refusal.tokenId ?? null,
    owner: refusal.owner ?? null,
    reason: refusal.reason,
    source: refusal.source ?? null,
    domain: refusal.domain ?? null,
    address: refusal.address ?? null,
    method: refusal.method,
    path: refusal.path,
    enforced: refusal.enforced,
  }
}

/** How calls came out, and how many came out so. */
export const OutcomeCountShown = z
  .object({
    effect: z.enum(['allow', 'deny']),
    enforced: z
      .boolean()
      .openapi({ description: 'False: refused by the lists, and let through in report mode.' }),
    reason: z.enum([...ALLOW_REASONS, ...RefusalReasonText.options]),
    source: SourceText.nullable(),
    count: z.int(),
  })
  .openapi('OutcomeCount')

/** Counted calls as an answer shows them. */
export function shownCount(
  counted: CallOutcome & { readonly count: number },
): z.infer<typeof OutcomeCountShown> {
  const { effect, reason, source, count } = counted
  const enforced = effect === 'deny' || ALLOWS.has(reason)
  return { effect, enforced, reason, source: source ?? null, count }
}

const ALLOWS: ReadonlySet<string> = new Set(ALLOW_REASONS)

/** What was seen of one value. */
export const SeenShown = z.object({
  kind: z
    .enum([
      'domain',
      'http_domain',
      'domain_missing',
      'domain_unreadable',
      'address',
      'ip_unreadable',
      'other',
    ])
    .openapi({
      description:
        '`http_domain`: of a page that is not served over https, where only those may match. `other`: all values beyond the 50 that are kept of a token.',
    }),
  source: SourceText.nullable().openapi({ description: '`null` for `other`.' }),
  value: z.string().nullable().openapi({ description: 'A domain or an address.' }),
  count: z.int(),
  allowed: z.int().openapi({ description: 'How many were let through, in report mode too.' }),
  firstAt: ShownTime,
  lastAt: ShownTime,
})

/** What was seen of one value, as an answer shows it. */
export function shownSeen(seen: Seen): z.infer<typeof SeenShown> {
  const { kind, value, count, allowed, firstAt, lastAt } = seen
  return {
    kind,
    source: SOURCES[kind],
    value: value === '' ? null : value,
    count,
    allowed,
    firstAt: shownTime(firstAt),
    lastAt: shownTime(lastAt),
  }
}

const SOURCES = {
  domain: 'browser',
  http_domain: 'browser',
  domain_missing: 'browser',
  domain_unreadable: 'browser',
  address: 'server',
  ip_unreadable: 'server',
  other: null,
} as const
