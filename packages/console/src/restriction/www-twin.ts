import type { ListEntry } from './draft.ts'

/**
 * The `www.` name of a listed domain, or the bare one of a listed `www.` name, where people usually
 * forget it; `undefined` where it is covered already or makes no sense.
 */
export function wwwTwin(entry: ListEntry, entries: readonly ListEntry[]): string | undefined {
  const { value, subdomains = false } = entry
  if (value.startsWith('*.') || !value.includes('.')) return undefined
  const isWww = value.startsWith('www.')
  if (subdomains && !isWww) return undefined
  const labels = value.split('.').length
  // Deeper names are seldom reached with www.
  if (!isWww && labels > 3) return undefined
  const twin = isWww ? value.slice(4) : `www.${value}`
  return isCovered(twin, entries) ? undefined : twin
}

function isCovered(domain: string, entries: readonly ListEntry[]): boolean {
  return entries.some(({ value, subdomains = false }) => {
    if (value.startsWith('*.')) return domain.endsWith(value.slice(1))
    return value === domain || (subdomains && domain.endsWith(`.${value}`))
  })
}
