/** The choices for when a token expires. */
export const EXPIRY_CHOICES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'date', label: 'On a date' },
  { value: 'never', label: 'Never' },
] as const

export type ExpiryChoice = (typeof EXPIRY_CHOICES)[number]['value']

/**
 * When a token expires, as RFC 3339: so many days from now, or at the end of a day in the reader's
 * zone. `null`: never; `undefined`: the date is missing or past.
 */
export function expiryTime(
  choice: ExpiryChoice,
  date: string,
  now: number,
): string | null | undefined {
  if (choice === 'never') return null
  if (choice !== 'date') return new Date(now + Number(choice) * 86_400_000).toISOString()
  const end = Date.parse(`${date}T23:59:59`)
  return Number.isNaN(end) || end <= now ? undefined : new Date(end).toISOString()
}
