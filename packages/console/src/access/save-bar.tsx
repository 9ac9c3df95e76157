import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { tokenQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { Panel } from '../notice/panel.tsx'
import { useMay } from '../session/use-session.ts'
import { difference } from '../restriction/difference.ts'
import { unsafeStates } from '../restriction/unsafe-states.ts'
import { DifferenceList } from './difference-list.tsx'
import { previewWords } from './preview-words.ts'
import type { RestrictionsDraft } from './use-restrictions-draft.ts'
import { type Preview, usePreview } from './use-preview.ts'

/** What is about to be saved: what changes, what may surprise, and what it would have done. */
export function SaveBar(props: {
  tokenId: string
  editing: RestrictionsDraft
  /** What stands in the boxes and is not part of this. */
  leftOut: string
  isSaving: boolean
  error: unknown
  onSave: () => void
}): ReactElement {
  const { tokenId, editing, leftOut, isSaving, error, onSave } = props
  const { saved, draft } = editing
  const mode = useQuery(tokenQuery(tokenId)).data?.token.mode
  const warnings = unsafeStates(saved, draft, mode)
  const maySee = useMay('activity')
  return (
    <section className="save-bar" aria-label="Changes to save">
      {editing.theirs.length > 0 && <TheirChanges editing={editing} />}
      {error !== null && <ProblemPanel error={error} />}
      <div className="row-between">
        <DifferenceList lines={difference(saved, draft)} label="What changes" />
        <div className="row">
          <Button variant="default" onClick={editing.reset} disabled={isSaving}>
            Discard
          </Button>
          <Button onClick={onSave} loading={isSaving}>
            Save
          </Button>
        </div>
      </div>
      {leftOut !== '' && <p className="small tone-warn">{leftOut} It stays in its box.</p>}
      {warnings.map((warning) => (
        <p key={warning} className="small tone-warn">
          {warning}
        </p>
      ))}
      {maySee && <PreviewLine tokenId={tokenId} editing={editing} />}
    </section>
  )
}

function TheirChanges({ editing }: { editing: RestrictionsDraft }): ReactElement {
  return (
    <Panel tone="warn" role="alert">
      <div className="stack-tight">
        <p>
          <strong>Somebody else changed this token.</strong> Their changes are in the lists now;
          yours are kept, and not saved yet. Look at both before you save.
        </p>
        <DifferenceList lines={editing.theirs} label="What somebody else changed" />
      </div>
    </Panel>
  )
}

function PreviewLine({
  tokenId,
  editing,
}: {
  tokenId: string
  editing: RestrictionsDraft
}): ReactElement {
  const preview = usePreview(tokenId, editing.draft)
  if (preview.data === undefined) return <NoPreview isError={preview.isError} />
  const { text, isHarmful } = previewWords(preview.data)
  const shutOut = preview.data.values.filter(
    ({ was, wouldBe, value }) => value !== null && was.allowed > 0 && wouldBe.effect === 'deny',
  )
  const names = shutOut.slice(0, 5).map(({ value }) => value)
  return (
    <p className={isHarmful ? 'small tone-warn' : 'small dimmed'} aria-live="polite">
      {text}
      {isHarmful && names.length > 0 && (
        <>
          {' '}
          From <span className="mono">{names.join(', ')}</span>
          {shutOut.length > names.length && ` and ${shutOut.length - names.length} more`}.
        </>
      )}
    </p>
  )
}

function NoPreview({ isError }: Pick<Preview, 'isError'>): ReactElement {
  if (!isError) return <p className="small dimmed">Looking at the calls that were seen…</p>
  return (
    <p className="small tone-warn" aria-live="polite">
      What this would have refused is not known: looking at the calls failed.
    </p>
  )
}
