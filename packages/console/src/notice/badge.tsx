import type { ReactElement } from 'react'

/** A state in a word or two. */
export function Badge(props: {
  tone: 'good' | 'warn' | 'bad' | 'quiet' | 'accent'
  text: string
  title?: string
}): ReactElement {
  return (
    <span className="badge" data-tone={props.tone} title={props.title}>
      {props.text}
    </span>
  )
}
