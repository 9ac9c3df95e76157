import type { ReactElement } from 'react'
import type { DifferenceLine } from '../restriction/difference.ts'

/** What changes, line by line. */
export function DifferenceList(props: {
  lines: readonly DifferenceLine[]
  label: string
}): ReactElement {
  return (
    <ul className="difference" aria-label={props.label}>
      {props.lines.map(({ kind, text }) => (
        <li key={`${kind} ${text}`}>
          <span className={`sign ${SIGNS[kind].tone}`} aria-hidden="true">
            {SIGNS[kind].sign}
          </span>
          <span className="wrap">
            <span className="visually-hidden">{SIGNS[kind].word}: </span>
            {text}
          </span>
        </li>
      ))}
    </ul>
  )
}

const SIGNS = {
  added: { sign: '+', word: 'Added', tone: 'tone-good' },
  removed: { sign: '−', word: 'Removed', tone: 'tone-bad' },
  changed: { sign: '~', word: 'Changed', tone: 'tone-warn' },
} as const
