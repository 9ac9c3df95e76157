import type { Restrictions } from '@keyfence/core'

/** How much the lists of a token are worth against somebody who has its secret. */
export interface Strength {
  readonly level: 'open' | 'pages' | 'servers' | 'both'
  readonly label: string
  readonly sentence: string
}

/** Told by the switches alone (spec §2): a domain list stops other people's pages, not a program. */
export function strengthOf({ domains, ips }: Restrictions): Strength {
  if (domains.enabled && ips.enabled) return STRENGTHS.both
  if (domains.enabled) return STRENGTHS.pages
  return ips.enabled ? STRENGTHS.servers : STRENGTHS.open
}

const STRENGTHS = {
  open: {
    level: 'open',
    label: 'Open',
    sentence: 'Whoever has the secret can use it, from any page and any machine.',
  },
  pages: {
    level: 'pages',
    label: 'Pages only',
    sentence: 'Other people’s web pages cannot use it. A program can still forge an Origin.',
  },
  servers: {
    level: 'servers',
    label: 'Servers only: strong',
    sentence: 'It works from the listed machines and from nowhere else.',
  },
  both: {
    level: 'both',
    label: 'As weak as pages',
    sentence:
      'A program that forges an Origin also skips the address list. Two tokens, one for pages and one for servers, are stronger.',
  },
} as const satisfies Record<string, Strength>
