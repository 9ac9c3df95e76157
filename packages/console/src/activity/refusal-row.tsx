import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Refusal } from '../api/client.ts'
import { Badge } from '../notice/badge.tsx'
import { useMay } from '../session/use-session.ts'
import { TimeText } from '../time/time-text.tsx'
import { allowableValue } from './allowable-value.ts'
import { REASON_WORDS } from './reason-words.ts'

/** One refusal: when, why, from where, and what was asked for. */
export function RefusalRow(props: {
  refusal: Refusal
  onAllow: (refusal: Refusal) => void
}): ReactElement {
  const { refusal, onAllow } = props
  const allowable = allowableValue(refusal)
  const mayWrite = useMay('restrict')
  return (
    <li className="refusal">
      <div className="row-between">
        <span className="row-wrap">
          <span>{REASON_WORDS[refusal.reason]}</span>
          {!refusal.enforced && <Badge tone="warn" text="let through" />}
        </span>
        <span className="small dimmed">
          <TimeText value={refusal.refusedAt} />
        </span>
      </div>
      <div className="row-between">
        <div className="small wrap grow refusal-facts">
          <div>
            {refusal.source ?? 'unknown source'}
            {(refusal.domain ?? refusal.address) !== null && (
              <>
                {' '}
                <span className="mono">{refusal.domain ?? refusal.address}</span>
              </>
            )}
          </div>
          <div className="mono dimmed">
            {refusal.method} {refusal.path}
          </div>
          <div className="mono dimmed">{refusal.requestId}</div>
        </div>
        {allowable !== undefined && mayWrite && (
          <Button size="compact-sm" variant="light" onClick={() => onAllow(refusal)}>
            {allowable.kind === 'domains' ? 'Allow this domain' : 'Allow this address'}
          </Button>
        )}
      </div>
    </li>
  )
}
