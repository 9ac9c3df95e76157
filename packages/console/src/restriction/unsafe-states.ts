import type { Restrictions } from '@keyfence/core'
import type { Token } from '../api/client.ts'
import { isSameRestrictions } from './draft.ts'
import { LIST_WORDS, type ListKind } from './list-kind.ts'

/** What somebody may not expect of the lists that are about to be saved. */
export function unsafeStates(
  saved: Restrictions,
  draft: Restrictions,
  mode: Token['mode'] = 'enforce',
): string[] {
  if (isSameRestrictions(saved, draft)) return []
  const refused = `will be refused${mode === 'report' ? ' once the lists are enforced' : ''}.`
  return [
    ...emptyListStates(draft).map((state) => `${state} ${refused}`),
    ...bothOffState(saved, draft),
    ...otherSourceStates(saved, draft).map((state) => `${state} ${refused}`),
  ]
}

function emptyListStates(draft: Restrictions): string[] {
  return KINDS.filter((kind) => draft[kind].enabled && draft[kind].entries.length === 0).map(
    (kind) => `The ${LIST_WORDS[kind].list} is on and empty: ${allRequests(kind)}`,
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
    return [`Only the ${LIST_WORDS[kind].list} will be on: ${allRequests(other)}`]
  })
}

function allRequests(kind: ListKind): string {
  return `all ${LIST_WORDS[kind].requests.toLowerCase()}`
}

const KINDS: readonly ListKind[] = ['domains', 'ips']
