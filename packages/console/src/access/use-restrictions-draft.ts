import type { Restrictions } from '@keyfence/core'
import { useCallback, useEffect, useState } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { type DifferenceLine, difference } from '../restriction/difference.ts'
import { isSameRestrictions, mergeRestrictions } from '../restriction/draft.ts'

/** The lists as they are being edited, upon the version that they were begun with. */
export interface RestrictionsDraft {
  readonly draft: Restrictions
  readonly saved: Restrictions
  readonly etag: string
  readonly isChanged: boolean
  /** What somebody else changed meanwhile, if anybody did. */
  readonly theirs: readonly DifferenceLine[]
  readonly edit: (change: (draft: Restrictions) => Restrictions) => void
  readonly reset: () => void
  /** Goes on from what was saved; what was edited since it was `shown` is kept, and not saved yet. */
  readonly settle: (now: VersionedToken, shown: Restrictions) => void
}

interface DraftState {
  readonly draft: Restrictions
  readonly base: Restrictions
  readonly etag: string
  readonly theirs: readonly DifferenceLine[]
}

/**
 * Keeps the edited lists of a token. Another version of the token, wherever it comes from, is merged
 * into them: what others changed is in, what was edited here stays, and both are told.
 */
export function useRestrictionsDraft(stored: VersionedToken): RestrictionsDraft {
  const [state, setState] = useState<DraftState>(() => begun(stored))
  const edit = useCallback<RestrictionsDraft['edit']>(
    (change) => setState((before) => ({ ...before, draft: change(before.draft) })),
    [],
  )
  useEffect(() => setState((before) => rebased(before, stored)), [stored])
  return {
    draft: state.draft,
    saved: state.base,
    etag: state.etag,
    isChanged: !isSameRestrictions(state.base, state.draft),
    theirs: state.theirs,
    edit,
    reset: () => setState((before) => ({ ...before, draft: before.base, theirs: [] })),
    settle: (now, shown) => setState((before) => settled(before, now, shown)),
  }
}

function begun({ token, etag }: VersionedToken): DraftState {
  return { draft: token.restrictions, base: token.restrictions, etag, theirs: [] }
}

function settled(
  before: DraftState,
  { token, etag }: VersionedToken,
  shown: Restrictions,
): DraftState {
  const now = token.restrictions
  // The same object stays, so that what it shows is not drawn anew.
  const isSame = isSameRestrictions(before.draft, now)
  const draft = isSame
    ? before.draft
    : mergeRestrictions({ base: shown, mine: before.draft, theirs: now })
  return { draft, base: isSame ? before.draft : now, etag, theirs: [] }
}

function rebased(before: DraftState, { token, etag }: VersionedToken): DraftState {
  if (before.etag === etag) return before
  const now = token.restrictions
  const wasEdited = !isSameRestrictions(before.base, before.draft)
  // The same object stays, so that what it shows is not drawn anew.
  if (isSameRestrictions(before.draft, now)) {
    return { draft: before.draft, base: before.draft, etag, theirs: [] }
  }
  if (!wasEdited) return { draft: now, base: now, etag, theirs: [] }
  return {
    draft: mergeRestrictions({ base: before.base, mine: before.draft, theirs: now }),
    base: now,
    etag,
    theirs: [...before.theirs, ...difference(before.base, now)],
  }
}
