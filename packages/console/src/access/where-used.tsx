import { type ReactElement, useId } from 'react'
import { Icon, type IconName } from '../icon/icon.tsx'

export type WhereUsed = 'browser' | 'server' | 'both'

/** Asks where a token is used; the answer says which lists it needs. */
export function WhereUsedQuestion(props: {
  question: string
  value: WhereUsed | undefined
  onChange: (value: WhereUsed) => void
}): ReactElement {
  const name = useId()
  return (
    <fieldset className="plain-fieldset">
      <legend className="section-title">{props.question}</legend>
      <div className="three">
        {CHOICES.map(({ value, title, text, icon }) => (
          <label key={value} className="choice">
            <input
              type="radio"
              name={name}
              value={value}
              checked={props.value === value}
              onChange={() => props.onChange(value)}
            />
            <span className="choice-title">
              <Icon name={icon} /> {title}
            </span>
            <span className="small dimmed">{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

const CHOICES: readonly {
  readonly value: WhereUsed
  readonly title: string
  readonly text: string
  readonly icon: IconName
}[] = [
  {
    value: 'browser',
    title: 'In a browser',
    text: 'Pages of your site call the API.',
    icon: 'browser',
  },
  { value: 'server', title: 'On a server', text: 'Your own machines call it.', icon: 'server' },
  { value: 'both', title: 'Both', text: 'Two tokens would be stronger.', icon: 'fence' },
]

/** Which switches an answer turns on. */
export function listsFor(used: WhereUsed): { readonly domains: boolean; readonly ips: boolean } {
  return { domains: used !== 'server', ips: used !== 'browser' }
}
