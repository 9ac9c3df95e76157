import type { EpochMs } from '@keyfence/core'

/** What makes a token that works worth a look. */
export const ATTENTIONS = ['unrestricted', 'expiring', 'unused', 'refused'] as const

export type Attention = (typeof ATTENTIONS)[number]

/** `expiring`: within so long. */
export const EXPIRING_WITHIN_MS = 7 * 86_400_000
/** `unused`: for so long, or since it was created. */
export const UNUSED_FOR_MS = 30 * 86_400_000
/** `refused`: so many refused calls in this hour and the 23 before it. */
export const REFUSED_MIN = 20
export const REFUSED_HOURS = 24
/** Where more tokens than this need the same attention, the most urgent ones are listed. */
export const ATTENTION_MAX = 1000

const HOUR_MS = 3_600_000

/** When the hours began in which refused calls are counted. */
export function refusedSince(now: EpochMs): EpochMs {
  return now - (now % HOUR_MS) - (REFUSED_HOURS - 1) * HOUR_MS
}
