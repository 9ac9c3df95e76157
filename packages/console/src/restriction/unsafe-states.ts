import type { Restrictions } from '@keyfence/core'
import { isSameRestrictions } from './draft.ts'
import { LIST_WORDS, type ListKind } from './list-kind.ts'

/** What somebody may not expect of the lists that are about to be saved. */
export function unsafeStates(saved: Restrictions, draft: Restrictions): string[] {
  if (isSameRestrictions(saved, draft)) return []
  return [
    ...emptyListStates(draft),
    ...bothOffState(saved, draft),
    ...otherSourceStates(saved, draft),
  ]
}

function emptyListStates(draft: Restrictions): string[] {
  return KINDS.filter((kind) => draft[kind].enabled && draft[kind].entries.length === 0).map(
    (kind) =>
      `The ${LIST_WORDS[kind].list} is on and empty: all ${LIST_WORDS[kind].requests.toLowerCase()} will be refused.`,
  )
}

function bothOffState(saved: Restrictions, draft: Restrictions): string[] {
  const wasRestricted = saved.domains.enabled || saved.ips.enabled
  const isOpen = !draft.domains.enabled && !draft.ips.enabled
  if (!isOpen || !wasRestricted) return []
  return ['Both lists will be off: whoever has the secret can use it from anywhere.']
}

/**
 * A list that is on alone also shuts out the other source, which surprises people: whether it goes on,
 * or the other one goes off.
 */
function otherSourceStates(saved: Restrictions, draft: Restrictions): string[] {
  return KINDS.flatMap((kind) => {
    const other = kind === 'domains' ? 'ips' : 'domains'
    const isAlone = draft[kind].enabled && !draft[other].enabled
    const wasAlone = saved[kind].enabled && !saved[other].enabled
    if (!isAlone || wasAlone) return []
    return [
      `Only the ${LIST_WORDS[kind].list} will be on: all ${LIST_WORDS[other].requests.toLowerCase()} will be refused.`,
    ]
  })
}

const KINDS: readonly ListKind[] = ['domains', 'ips']
