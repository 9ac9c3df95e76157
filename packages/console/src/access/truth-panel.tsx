import type { Restrictions } from '@keyfence/core'
import type { ReactElement, ReactNode } from 'react'
import { Badge } from '../notice/badge.tsx'
import { plainWords } from '../restriction/plain-words.ts'
import { strengthOf } from '../restriction/strength.ts'

/** What the lists on the page do, in plain words, and what that is worth. */
export function TruthPanel(props: {
  restrictions: Restrictions
  isChanged: boolean
  isReport: boolean
  /** What may be done about it. */
  children: ReactNode
}): ReactElement {
  const { restrictions, isChanged, isReport, children } = props
  const strength = strengthOf(restrictions)
  return (
    <div className="card stack-tight" aria-live="polite">
      <div className="row-between">
        <p className="truth">
          {isChanged && <span className="dimmed">After saving: </span>}
          {plainWords(restrictions)}
        </p>
        <Badge tone={TONES[strength.level]} text={strength.label} />
      </div>
      <p className="small dimmed">{strength.sentence}</p>
      {children}
      {isReport && (
        <p className="small tone-warn">
          Report only: what these lists refuse is recorded and let through.
        </p>
      )}
    </div>
  )
}

const TONES = { open: 'warn', pages: 'accent', servers: 'good', both: 'accent' } as const
