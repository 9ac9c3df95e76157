import type { Restrictions } from '@keyfence/core'
import type { Token } from '../api/client.ts'
import { counted, LIST_WORDS, type ListKind } from './list-kind.ts'

/** What the lists do to requests of both sources, in one or two sentences (spec §1). */
export function plainWords(restrictions: Restrictions): string {
  if (!restrictions.domains.enabled && !restrictions.ips.enabled) {
    return 'Browser and server requests are allowed from anywhere.'
  }
  return `${sourceSentence(restrictions, 'domains')} ${sourceSentence(restrictions, 'ips')}`
}

function sourceSentence(restrictions: Restrictions, kind: ListKind): string {
  const { enabled, entries } = restrictions[kind]
  const { requests } = LIST_WORDS[kind]
  if (!enabled || entries.length === 0) return `${requests} are refused.`
  return `${requests} must come from ${counted(entries.length, kind)}.`
}

/**
 * The same for the narrow column of the list of tokens: `anywhere`, `2 domains, 1 IP`. In report mode
 * lists keep nobody out, until they are enforced.
 */
export function worksFromText({
  status,
  mode,
  restrictions: { domains, ips },
}: {
  readonly status: Token['status']
  readonly mode: Token['mode']
  readonly restrictions: Restrictions
}): { readonly text: string; readonly isOpen: boolean } {
  if (status === 'revoked') return NOWHERE
  if (!domains.enabled && !ips.enabled) return { text: 'anywhere', isOpen: true }
  if (mode === 'report') return { text: 'anywhere for now', isOpen: true }
  const parts = [
    domains.enabled && domains.entries.length > 0 ? counted(domains.entries.length, 'domains') : '',
    ips.enabled && ips.entries.length > 0
      ? `${ips.entries.length} ${ips.entries.length === 1 ? 'IP' : 'IPs'}`
      : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? NOWHERE : { text: parts.join(', '), isOpen: false }
}

const NOWHERE = { text: 'nowhere', isOpen: false } as const
