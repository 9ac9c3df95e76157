/** `3 minutes ago`, `in 2 days`: to the largest unit that says enough. */
export function relativeTime(time: number, now: number): string {
  const deltaMs = time - now
  const sizeMs = Math.abs(deltaMs)
  if (sizeMs < 45_000) return deltaMs > 0 ? 'in a moment' : 'just now'
  const [unit, unitMs] = UNITS.find(([, ms]) => sizeMs >= ms * 0.95) ?? ['minute', 60_000]
  return FORMAT.format(Math.round(deltaMs / unitMs), unit)
}

const DAY = 86_400_000
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** The exact time, in the reader's own zone. */
export function exactTime(time: number): string {
  return EXACT.format(time)
}

const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' })
