import type { Restrictions } from '@keyfence/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { memo, type ReactElement, useCallback, useDeferredValue, useState } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { isOvertaken } from '../api/problem.ts'
import {
  ACCESS_DAYS,
  activityQuery,
  entrySettingsQuery,
  readToken,
  tokenQuery,
} from '../api/queries.ts'
import { whileMeant } from '../api/while-meant.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { notifyDone } from '../notice/notify.tsx'
import { Panel } from '../notice/panel.tsx'
import { isSameRestrictions, withEntries, withSwitch } from '../restriction/draft.ts'
import type { ListKind } from '../restriction/list-kind.ts'
import { leftOutText, NOTHING_TYPED, type TypedEntries } from '../restriction/typed-entries.ts'
import { useMay } from '../session/use-session.ts'
import { keepToken } from '../token/keep-token.ts'
import { DEFAULT_ENTRY_SETTINGS } from './default-entry-settings.ts'
import type { EditedList } from './edited-list.ts'
import { ListCard } from './list-card.tsx'
import { ModeSwitch } from './mode-switch.tsx'
import { SaveBar } from './save-bar.tsx'
import { saveRestrictions } from './save-restrictions.ts'
import { SplitOffer } from './split-offer.tsx'
import { TruthPanel } from './truth-panel.tsx'
import { TryIt } from './try-it.tsx'
import { type RestrictionsDraft, useRestrictionsDraft } from './use-restrictions-draft.ts'
import { listsFor, WhereUsedQuestion } from './where-used.tsx'

/** Both lists of a token, what they do now, and what they will do once they are saved. */
export function RestrictionsEditor({ stored }: { stored: VersionedToken }): ReactElement {
  const { token } = stored
  const editing = useRestrictionsDraft(stored)
  // What stands at the bottom of the page follows after what is seen at once.
  const isLowerPartDue = useDeferredValue(true, false)
  const [typed, setTyped] = useState(NOTHING_TYPED)
  const setTypedOf = useCallback(
    (kind: ListKind, text: string) => setTyped((before) => ({ ...before, [kind]: text })),
    [],
  )
  const saving = useSaving(editing)
  const { draft, saved, isChanged, edit } = editing
  const isOpen = !saved.domains.enabled && !saved.ips.enabled
  const leftOut = leftOutText(Object.values(typed))
  const isReadOnly = !useMay('restrict') || token.status === 'revoked'
  return (
    <div className="stack-wide">
      <div className="stack">
        {token.status === 'revoked' && (
          <Panel tone="quiet">The token is revoked for good. Its lists can only be read.</Panel>
        )}
        {isOpen && !isReadOnly && <OpenQuestion draft={draft} edit={edit} />}
        <TruthPanel restrictions={draft} isChanged={isChanged} isReport={token.mode === 'report'}>
          {!isReadOnly && <SplitOffer token={token} editing={editing} />}
        </TruthPanel>
        <TwoCards
          tokenId={token.id}
          draft={draft}
          edit={edit}
          isReadOnly={isReadOnly}
          typed={typed}
          onTyped={setTypedOf}
        />
        {isChanged && !isReadOnly && (
          <SaveBar
            tokenId={token.id}
            editing={editing}
            leftOut={leftOut}
            isSaving={saving.isPending}
            error={isOvertaken(saving.error) && editing.theirs.length > 0 ? null : saving.error}
            onSave={() =>
              saving.mutate({
                stored: { token, etag: editing.etag },
                sent: draft,
                before: saved,
                shown: draft,
              })
            }
          />
        )}
        <ModeSwitch stored={stored} />
      </div>
      {isLowerPartDue && <TryIt tokenId={token.id} draft={draft} isChanged={isChanged} />}
      <LeaveQuestion
        isAsked={isChanged || leftOut !== ''}
        title="Leave without saving?"
        text="What you changed on this page is not saved yet."
      />
    </div>
  )
}

function OpenQuestion({ draft, edit }: Pick<RestrictionsDraft, 'draft' | 'edit'>): ReactElement {
  return (
    <WhereUsedQuestion
      question="Is this token used in a browser, on a server, or both?"
      value={answerOf(draft)}
      onChange={(used) => {
        const on = listsFor(used)
        edit((before) => withSwitch(withSwitch(before, 'domains', on.domains), 'ips', on.ips))
      }}
    />
  )
}

function answerOf({ domains, ips }: RestrictionsDraft['draft']) {
  if (domains.enabled && ips.enabled) return 'both'
  if (domains.enabled) return 'browser'
  return ips.enabled ? 'server' : undefined
}

interface CardsProps {
  readonly tokenId: string
  readonly draft: Restrictions
  readonly edit: RestrictionsDraft['edit']
  readonly isReadOnly: boolean
  readonly typed: TypedEntries
  readonly onTyped: (kind: ListKind, text: string) => void
}

function TwoCards({ tokenId, draft, typed, ...editing }: CardsProps): ReactElement {
  const settings = useQuery(entrySettingsQuery).data ?? DEFAULT_ENTRY_SETTINGS
  const maySee = useMay('activity')
  const activity = useQuery({ ...activityQuery(tokenId, ACCESS_DAYS), enabled: maySee })
  const shared = { settings, seen: activity.data?.seen ?? NONE_SEEN, ...editing }
  return (
    <div className="two">
      {KINDS.map((kind) => (
        <EditedCard key={kind} kind={kind} list={draft[kind]} typed={typed[kind]} {...shared} />
      ))}
    </div>
  )
}

const KINDS = ['domains', 'ips'] as const

const NONE_SEEN: EditedList['seen'] = []

type EditedCardProps = Pick<EditedList, 'kind' | 'settings' | 'seen' | 'typed' | 'isReadOnly'> &
  Pick<CardsProps, 'edit' | 'onTyped'> & { readonly list: Restrictions[ListKind] }

/** Drawn anew when something of its own list changes: a card takes longer than all beside it. */
const EditedCard = memo(function EditedCard(props: EditedCardProps): ReactElement {
  const { list, edit, onTyped, ...rest } = props
  const { kind } = rest
  return (
    <ListCard
      {...rest}
      enabled={list.enabled}
      entries={list.entries}
      onTyped={(text) => onTyped(kind, text)}
      onSwitch={(enabled) => edit((before) => withSwitch(before, kind, enabled))}
      onEntries={(entries) => edit((before) => withEntries(before, kind, entries))}
    />
  )
})

const SAVED = 'Saved. The next request already obeys.'
const SAVED_IN_REPORT = 'Saved. Nothing is refused yet: the lists are not enforced.'

interface SentLists {
  readonly stored: VersionedToken
  readonly sent: Restrictions
  /** What they take the place of, which an undo brings back. */
  readonly before: Restrictions
  /** What was shown when they were sent, and may have been edited since. */
  readonly shown: Restrictions
}

const saveWhileMeant = whileMeant(saveLists)

function useSaving(editing: RestrictionsDraft) {
  const queries = useQueryClient()
  const saving = useMutation({
    mutationFn: saveWhileMeant,
    onSuccess: (now, { sent, before, shown }) => {
      editing.settle(now, shown)
      keepToken(queries, now)
      notifyDone(now.token.mode === 'report' ? SAVED_IN_REPORT : SAVED, () =>
        saving.mutate({ stored: now, sent: before, before: sent, shown: sent }),
      )
    },
    // What somebody else saved is merged as soon as it is read.
    onError: (error, { stored }) => {
      if (isOvertaken(error)) void queries.invalidateQueries(tokenQuery(stored.token.id))
    },
  })
  return saving
}

/**
 * Saves the lists. Where the token has another version by now, it is read again: what somebody changed
 * beside its lists keeps nothing back, and lists that are as they should be are saved already.
 * @throws ApiProblem `precondition_failed` if somebody else changed the lists
 */
async function saveLists({ stored, sent, before }: SentLists): Promise<VersionedToken> {
  try {
    return await saveRestrictions(stored, sent)
  } catch (error) {
    if (!isOvertaken(error)) throw error
    const now = await readToken(stored.token.id)
    if (isSameRestrictions(now.token.restrictions, sent)) return now
    if (!isSameRestrictions(now.token.restrictions, before)) throw error
    return saveRestrictions(now, sent)
  }
}
