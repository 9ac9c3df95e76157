import type { EpochMs } from '@keyfence/core'

/** A time for people, with how far away it is: `2027-01-31 12:00:00Z (in 68 days)`. */
export function timeText(iso: string, now: EpochMs): string {
  return `${shortTime(iso)} (${relativeTime(Date.parse(iso), now)})`
}

/** RFC 3339 as people read it, to the second. */
export function shortTime(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
}

/** `5 minutes ago`, `in 68 days`, in the largest unit of which there is one. */
export function relativeTime(time: EpochMs, now: EpochMs): string {
  const distanceMs = time - now
  const unit = UNITS.find(({ ms }) => Math.abs(distanceMs) >= ms)
  if (unit === undefined) return 'now'
  return IN_ENGLISH.format(Math.round(distanceMs / unit.ms), unit.name)
}

const IN_ENGLISH = new Intl.RelativeTimeFormat('en')
const UNITS = [
  { name: 'year', ms: 365 * 86_400_000 },
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1000 },
] as const
