import type { EntryCode, EntryWarning } from '@keyfence/core'
import { z } from 'zod'
import { checkEntry } from '../check-entry.ts'
import { lineId, type MalformedLine, malformedLine } from './json-answer.ts'

/** What the answer to one line says (spec §10). */
export type EntryCheckAnswer =
  | {
      readonly id: unknown
      readonly ok: true
      /** As it would be stored. */
      readonly value: string
      readonly warnings: readonly EntryWarning[]
    }
  | {
      readonly id: unknown
      readonly ok: false
      readonly code: EntryCode
      readonly message: string
    }
  | MalformedLine

/**
 * Answers one line of `keyfence entry check --jsonl`. Same line, same answer; nothing is thrown,
 * whatever the line holds.
 * @param line one JSON value, parsed.
 */
export function entryCheckLine(line: unknown): EntryCheckAnswer {
  const parsed = LINE.safeParse(line)
  if (!parsed.success) return malformedLine(line, parsed.error.issues)
  const { kind, input, allowIpRanges, allowPrivateAddresses } = parsed.data
  const settings = { allowIpRanges, allowPrivateAddresses }
  return { id: lineId(line), ...checkEntry({ kind, input, settings, subdomains: false }) }
}

const LINE = z.object({
  kind: z.enum(['domain', 'ip']),
  input: z.unknown().refine((value) => value !== undefined, 'missing'),
  allowIpRanges: z.boolean().default(false),
  allowPrivateAddresses: z.boolean().default(false),
})
