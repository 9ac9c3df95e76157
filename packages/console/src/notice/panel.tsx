import type { ReactElement, ReactNode } from 'react'

/** A few words that stand out from the page. */
export function Panel(props: {
  tone: 'good' | 'warn' | 'bad' | 'quiet' | 'accent'
  role?: 'alert' | 'status'
  children: ReactNode
}): ReactElement {
  return (
    <div className="panel wrap" data-tone={props.tone} role={props.role}>
      {props.children}
    </div>
  )
}
