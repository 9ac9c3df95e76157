import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { isOvertaken } from '../api/problem.ts'
import { activityQuery, entrySettingsQuery, readToken, tokenQuery } from '../api/queries.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { notifyDone, notifyProblem } from '../notice/notify.tsx'
import { Panel } from '../notice/panel.tsx'
import { entriesOf, withEntries, withSwitch } from '../restriction/draft.ts'
import type { ListKind } from '../restriction/list-kind.ts'
import { leftOutText, NOTHING_TYPED, type TypedEntries } from '../restriction/typed-entries.ts'
import { useMay } from '../session/use-session.ts'
import { DEFAULT_ENTRY_SETTINGS } from './default-entry-settings.ts'
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
  const [typed, setTyped] = useState(NOTHING_TYPED)
  const saving = useSaving(token.id, editing)
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
        {isOpen && !isReadOnly && (
          <WhereUsedQuestion
            question="Is this token used in a browser, on a server, or both?"
            value={answerOf(draft)}
            onChange={(used) => {
              const on = listsFor(used)
              edit((before) => withSwitch(withSwitch(before, 'domains', on.domains), 'ips', on.ips))
            }}
          />
        )}
        <TruthPanel restrictions={draft} isChanged={isChanged} isReport={token.mode === 'report'}>
          {!isReadOnly && <SplitOffer token={token} editing={editing} />}
        </TruthPanel>
        <TwoCards
          tokenId={token.id}
          editing={editing}
          isReadOnly={isReadOnly}
          typed={typed}
          onTyped={setTyped}
        />
        {isChanged && !isReadOnly && (
          <SaveBar
            tokenId={token.id}
            editing={editing}
            leftOut={leftOut}
            isSaving={saving.isPending}
            error={isOvertaken(saving.error) ? null : saving.error}
            onSave={() => saving.mutate()}
          />
        )}
        <ModeSwitch stored={stored} />
      </div>
      <TryIt tokenId={token.id} draft={draft} isChanged={isChanged} />
      <LeaveQuestion
        isAsked={isChanged || leftOut !== ''}
        title="Leave without saving?"
        text="What you changed on this page is not saved yet."
      />
    </div>
  )
}

function answerOf({ domains, ips }: RestrictionsDraft['draft']) {
  if (domains.enabled && ips.enabled) return 'both'
  if (domains.enabled) return 'browser'
  return ips.enabled ? 'server' : undefined
}

function TwoCards(props: {
  tokenId: string
  editing: RestrictionsDraft
  isReadOnly: boolean
  typed: TypedEntries
  onTyped: (typed: TypedEntries) => void
}): ReactElement {
  const { tokenId, editing, isReadOnly, typed, onTyped } = props
  const { draft, edit } = editing
  const settings = useQuery(entrySettingsQuery).data ?? DEFAULT_ENTRY_SETTINGS
  const maySee = useMay('activity')
  const activity = useQuery({ ...activityQuery(tokenId, 30), enabled: maySee })
  const seen = activity.data?.seen ?? []
  const card = (kind: ListKind): ReactElement => (
    <ListCard
      kind={kind}
      enabled={draft[kind].enabled}
      entries={entriesOf(draft, kind)}
      settings={settings}
      seen={seen}
      isReadOnly={isReadOnly}
      typed={typed[kind]}
      onTyped={(text) => onTyped({ ...typed, [kind]: text })}
      onSwitch={(enabled) => edit((before) => withSwitch(before, kind, enabled))}
      onEntries={(entries) => edit((before) => withEntries(before, kind, entries))}
    />
  )
  return (
    <div className="two">
      {card('domains')}
      {card('ips')}
    </div>
  )
}

function useSaving(id: string, editing: RestrictionsDraft) {
  const queries = useQueryClient()
  const keep = (now: VersionedToken): void => {
    queries.setQueryData(tokenQuery(id).queryKey, now)
    editing.rebase(now)
    void queries.invalidateQueries({ queryKey: ['tokens', 'list'] })
  }
  return useMutation({
    mutationFn: () => saveRestrictions({ id, etag: editing.etag, restrictions: editing.draft }),
    onSuccess: (now) => {
      const before = editing.saved
      keep(now)
      notifyDone('Saved. The next request already obeys.', () => {
        saveRestrictions({ id, etag: now.etag, restrictions: before })
          .then(keep)
          .catch(notifyProblem)
      })
    },
    onError: async (error) => {
      if (isOvertaken(error)) keep(await readToken(id))
    },
  })
}
