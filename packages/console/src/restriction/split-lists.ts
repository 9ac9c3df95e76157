import { type Restrictions, UNRESTRICTED } from '@keyfence/core'
import type { ListKind } from './list-kind.ts'

/** The lists of two tokens in place of one, and which of its lists is the second one's. */
export interface SplitLists {
  readonly moved: ListKind
  readonly first: Restrictions
  readonly second: Restrictions
}

/**
 * Gives each list a token of its own. The addresses move, since pages are harder to bring a new secret
 * to; where the domains are what was just switched on, they move, and nobody's secret changes. What the
 * first had saved of the list that moves stays there, switched off.
 */
export function splitLists(saved: Restrictions, draft: Restrictions): SplitLists {
  const moved = saved.ips.enabled && !saved.domains.enabled ? 'domains' : 'ips'
  return {
    moved,
    first: { ...draft, [moved]: { ...saved[moved], enabled: false } },
    second: { ...UNRESTRICTED, [moved]: draft[moved] },
  }
}
