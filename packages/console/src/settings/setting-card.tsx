import { type ReactElement, type ReactNode, useId } from 'react'

/** One thing that can be done with a token, and what it means. */
export function SettingCard(props: {
  title: string
  text: string
  children: ReactNode
}): ReactElement {
  const id = useId()
  return (
    <section className="card stack" aria-labelledby={id}>
      <div>
        <h2 className="section-title" id={id}>
          {props.title}
        </h2>
        <p className="small dimmed">{props.text}</p>
      </div>
      {props.children}
    </section>
  )
}
