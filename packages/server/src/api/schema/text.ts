import { z } from '@hono/zod-openapi'
import type { EpochMs } from '@keyfence/core'

/** Text for people: not blank, without control characters and broken surrogates. */
export function shownText(lengthMax: number) {
  return z
    .string()
    .max(lengthMax)
    .regex(SHOWN, 'Text that is not blank, without control characters.')
}

/** A label: as text for people, or empty. */
export function labelText(lengthMax: number) {
  return z.string().max(lengthMax).regex(LABEL, 'Text without control characters.')
}

const SHOWN = /^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u
const LABEL = /^[^\p{Cc}\p{Cs}]*$/u

/** A customer's id in the provider's system (spec §6). */
export const OwnerText = z
  .string()
  .regex(/^[A-Za-z0-9._:@-]{1,128}$/, '1 to 128 of letters, digits and . _ : @ -')
  .openapi({ example: 'customer-42' })

/** A time in a request: RFC 3339, as epoch milliseconds. */
export const GivenTime = z.iso
  .datetime({ offset: true, error: 'A time like 2027-01-31T12:00:00Z.' })
  .transform((text): EpochMs => Date.parse(text))
  .openapi({ example: '2027-01-31T12:00:00Z' })

/** A time in an answer: RFC 3339 in UTC. */
export const ShownTime = z.iso.datetime().openapi({ example: '2026-11-24T09:30:00.000Z' })

/** A time as an answer shows it. */
export function shownTime(time: EpochMs): string {
  return new Date(time).toISOString()
}

/** A time that may be absent, as an answer shows it. */
export function shownTimeOrNull(time: EpochMs | undefined): string | null {
  return time === undefined ? null : shownTime(time)
}
