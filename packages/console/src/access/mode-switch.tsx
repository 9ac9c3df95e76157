import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { useMay } from '../session/use-session.ts'
import type { TokenChange } from '../token/send-change.ts'
import { useTokenChange } from '../token/use-token-change.ts'
import { usePreview } from './use-preview.ts'

/** Enforce, or report only; with the question to enforce once nobody would be harmed. */
export function ModeSwitch({ stored }: { stored: VersionedToken }): ReactElement {
  const { token } = stored
  const { change, isPending } = useTokenChange()
  const mayWrite = useMay('restrict')
  const isReport = token.mode === 'report'
  const set = (mode: 'enforce' | 'report'): void =>
    change(stored, membersOf(mode), {
      done:
        mode === 'report' ? 'Refusals are recorded and let through.' : 'The lists are enforced.',
      undo: membersOf(token.mode),
    })
  return (
    <section className="card row-between" aria-label="Mode">
      <div className="grow mode-text">
        <h2 className="section-title">{isReport ? 'Report only' : 'Enforced'}</h2>
        <p className="small dimmed">
          {isReport
            ? 'What the lists refuse is recorded and let through.'
            : 'What the lists refuse gets 403.'}{' '}
          {isReport && <ReportVerdict stored={stored} />}
        </p>
      </div>
      <Button
        variant={isReport ? 'filled' : 'default'}
        disabled={!mayWrite || token.status === 'revoked'}
        loading={isPending}
        onClick={() => set(isReport ? 'enforce' : 'report')}
      >
        {isReport ? 'Enforce' : 'Report only'}
      </Button>
    </section>
  )
}

function membersOf(mode: 'enforce' | 'report'): TokenChange {
  return { kind: 'members', changes: { mode } }
}

function ReportVerdict({ stored }: { stored: VersionedToken }): ReactElement | null {
  const maySee = useMay('activity')
  const preview = usePreview(stored.token.id, stored.token.restrictions, maySee)
  if (preview.data === undefined || preview.data.since === null) return null
  const { since, refused, calls } = preview.data
  const days = Math.max(1, Math.round((Date.now() - Date.parse(since)) / 86_400_000))
  const span = days === 1 ? '1 day' : `${days} days`
  return (
    <span className={refused === 0 ? 'tone-good' : 'tone-warn'}>
      {refused === 0
        ? `${span}, nobody would have been refused: enforce?`
        : `In ${span}, ${refused} of ${calls} calls would have been refused.`}
    </span>
  )
}
