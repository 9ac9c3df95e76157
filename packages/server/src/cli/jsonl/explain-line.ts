import {
  type AllowReason,
  type DenyReason,
  formatIpAddress,
  type RestrictionsInput,
} from '@keyfence/core'
import { z } from 'zod'
import { type Explanation, explainRequest, type QuestionProblem } from '../explain-request.ts'
import { lineId, type MalformedLine, malformedLine } from './json-answer.ts'

/** What the answer to one line says (spec §10): all six members, the problems, or the error. */
export type ExplainAnswer =
  | {
      readonly id: unknown
      readonly effect: 'allow' | 'deny'
      readonly source: 'browser' | 'server'
      readonly reason: AllowReason | DenyReason
      /** As parsed from a browser request, whichever lists are on; else `null`. */
      readonly domain: string | null
      /** As found for a server request, whichever lists are on; else `null`. */
      readonly address: string | null
    }
  | { readonly id: unknown; readonly problems: readonly QuestionProblem[] }
  | MalformedLine

/** What a line cannot set. */
export interface ExplainLineSettings {
  readonly httpsOriginsOnly: boolean
  readonly maxDomains: number
  readonly maxIps: number
}

/** The defaults of the settings of the same names. */
export const EXPLAIN_LINE_SETTINGS: ExplainLineSettings = {
  httpsOriginsOnly: false,
  maxDomains: 5,
  maxIps: 5,
}

/**
 * Answers one line of `keyfence explain --jsonl`. Same line, same answer; nothing is thrown,
 * whatever the line holds.
 * @param line one JSON value, parsed.
 */
export function explainLine(
  line: unknown,
  settings: ExplainLineSettings = EXPLAIN_LINE_SETTINGS,
): ExplainAnswer {
  const parsed = LINE.safeParse(line)
  if (!parsed.success) return malformedLine(line, parsed.error.issues)
  const { restrictions, request, trustedProxies, allowIpRanges, allowPrivateAddresses } =
    parsed.data
  const explanation = explainRequest({
    restrictions,
    fields: request.headers.flat(),
    peer: request.peer ?? undefined,
    trustedProxies,
    settings: { ...settings, allowIpRanges, allowPrivateAddresses },
  })
  return { id: lineId(line), ...answerOf(explanation) }
}

/** What of an explanation a program needs. */
export function answerOf(explanation: Explanation) {
  if (explanation.kind === 'refused') return { problems: explanation.problems }
  const { decision, source } = explanation
  const isKnownServer = source.kind === 'server' && source.address !== undefined
  return {
    effect: decision.effect,
    source: source.kind,
    reason: decision.reason,
    domain: source.kind === 'browser' ? (source.domain ?? null) : null,
    address: isKnownServer ? formatIpAddress(source.address) : null,
  }
}

/** An entry that is no object goes to its checker as it is, which says what it should have been. */
const BARE_ENTRY = z
  .unknown()
  .refine((value) => typeof value !== 'object' || value === null || Array.isArray(value))
  .transform((value) => ({ value }))

const DOMAIN_ENTRY = z.union(
  [
    BARE_ENTRY,
    z.strictObject({
      value: z.unknown(),
      label: z.string().optional(),
      subdomains: z.boolean().optional(),
    }),
  ],
  { error: 'an entry is a string or {"value", "label"?, "subdomains"?}' },
)

const IP_ENTRY = z.union(
  [BARE_ENTRY, z.strictObject({ value: z.unknown(), label: z.string().optional() })],
  { error: 'an entry is a string or {"value", "label"?}' },
)

function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z
    .strictObject({ enabled: z.boolean().default(false), entries: z.array(entry).default([]) })
    .default({ enabled: false, entries: [] })
}

const LINE = z.object({
  restrictions: z.strictObject({
    domains: listOf(DOMAIN_ENTRY),
    ips: listOf(IP_ENTRY),
  }) satisfies z.ZodType<RestrictionsInput>,
  request: z.strictObject({
    headers: z.array(z.tuple([z.string(), z.string()])),
    peer: z.string().nullable(),
  }),
  trustedProxies: z.array(z.string()).default([]),
  allowIpRanges: z.boolean().default(false),
  allowPrivateAddresses: z.boolean().default(false),
})
