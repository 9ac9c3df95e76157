import { z } from '@hono/zod-openapi'
import {
  type CheckedRestrictions,
  checkRestrictions,
  type Restrictions,
  type RestrictionsInput,
} from '@keyfence/core'
import type { ApiSettings } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { type Outcome, refuse } from '../problem.ts'
import { labelText } from './text.ts'

const LABEL_LENGTH_MAX = 200
/** More than any list may hold: what is beyond it is not even looked at. */
const ENTRIES_MAX = 1000

/** A plain string is an entry too; whatever else stands there is judged as one, and is no text. */
function asEntry(input: unknown): unknown {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
  return isObject ? input : { value: input }
}

/** The document says it in words of its own: of what is preprocessed nothing can be made. */
function textOrObject(more: Readonly<Record<string, { readonly type: 'boolean' }>>) {
  const text = { type: 'string' as const }
  return {
    type: ['string', 'object'] as ['string', 'object'],
    properties: { value: text, label: { ...text, maxLength: LABEL_LENGTH_MAX }, ...more },
    required: ['value'],
    additionalProperties: false,
  }
}

const value = z.unknown().openapi({ type: 'string' })
const label = labelText(LABEL_LENGTH_MAX).optional()

const DomainEntry = z
  .preprocess(asEntry, closedObject({ value, label, subdomains: z.boolean().optional() }))
  .openapi('DomainEntryInput', {
    ...textOrObject({ subdomains: { type: 'boolean' } }),
    description: 'A domain as it would be pasted, alone or with a label.',
    example: { value: 'example.com', label: 'shop', subdomains: true },
  })

const IpEntry = z.preprocess(asEntry, closedObject({ value, label })).openapi('IpEntryInput', {
  ...textOrObject({}),
  description: 'An address of a server, alone or with a label.',
  example: '203.0.113.7',
})

/** Both lists as they come in; the entries are not checked yet. */
export const RestrictionsBody = closedObject({
  domains: closedObject({ enabled: z.boolean(), entries: z.array(DomainEntry).max(ENTRIES_MAX) }),
  ips: closedObject({ enabled: z.boolean(), entries: z.array(IpEntry).max(ENTRIES_MAX) }),
}).openapi('RestrictionsInput')

/** Both lists as they are stored. */
export const RestrictionsShown = z
  .object({
    domains: z.object({
      enabled: z.boolean(),
      entries: z.array(z.object({ value: z.string(), label: z.string(), subdomains: z.boolean() })),
    }),
    ips: z.object({
      enabled: z.boolean(),
      entries: z.array(z.object({ value: z.string(), label: z.string() })),
    }),
  })
  .openapi('Restrictions', {
    example: {
      domains: {
        enabled: true,
        entries: [{ value: 'example.com', label: 'shop', subdomains: true }],
      },
      ips: { enabled: false, entries: [] },
    },
  })

/** Entries that were accepted and may not do what is expected of them. */
export const Warnings = z
  .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
  .openapi({ description: 'Entries that were accepted; each path is as in problems.' })

/** Stored restrictions as an answer shows them. */
export function shownRestrictions(restrictions: Restrictions): z.infer<typeof RestrictionsShown> {
  const { domains, ips } = restrictions
  return {
    domains: {
      enabled: domains.enabled,
      entries: domains.entries.map((entry) => ({
        value: entry.value,
        label: entry.label,
        subdomains: entry.subdomains,
      })),
    },
    ips: {
      enabled: ips.enabled,
      entries: ips.entries.map((entry) => ({ value: entry.value, label: entry.label })),
    },
  }
}

/**
 * Checks entries by the settings. All problems are told together, each with its place from the
 * restrictions object.
 * @param stored what the token has now, if there is one.
 */
export function acceptRestrictions(
  input: RestrictionsInput,
  settings: ApiSettings,
  stored?: Restrictions,
): Outcome<CheckedRestrictions, 'entries_refused'> {
  const checked = checkRestrictions(input, settings, stored)
  if (checked.ok) return checked
  const problems = checked.problem.map(({ path, code, message }) => ({ path, code, message }))
  const detail = 'Nothing was saved. Correct the entries that are named.'
  return refuse('entries_refused', { detail, problems })
}
