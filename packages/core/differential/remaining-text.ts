/** How long the rest of a run takes, at a rate per second, for people. */
export function remainingText(cases: number, rate: number): string {
  if (cases <= 0) return 'done'
  if (!(rate > 0)) return 'no end in sight yet'
  const minutes = Math.ceil(cases / rate / 60)
  if (minutes < 60) return `${minutes} min left`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`
}
