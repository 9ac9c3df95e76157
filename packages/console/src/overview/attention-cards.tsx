import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Overview } from '../api/client.ts'
import { type Attention, ATTENTIONS } from '../api/queries.ts'

/** How many tokens need which attention, each with the way to them. */
export function AttentionCards({ attention }: Pick<Overview, 'attention'>): ReactElement {
  return (
    <ul className="four plain-list" aria-label="Tokens that need attention">
      {ATTENTIONS.map((kind) => (
        <li key={kind}>
          <Link to="/tokens" search={{ attention: kind }} className="card count-card">
            <span className={`count ${attention[kind].count === 0 ? 'dimmed' : ''}`}>
              {attention[kind].isMore ? 'more than ' : ''}
              {NUMBER.format(attention[kind].count)}
            </span>
            <span className="small">
              {WORDS[kind][attention[kind].count === 1 ? 'one' : 'many']}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

const WORDS: Readonly<Record<Attention, { readonly one: string; readonly many: string }>> = {
  unrestricted: { one: 'token works from anywhere', many: 'tokens work from anywhere' },
  expiring: { one: 'token expires within 7 days', many: 'tokens expire within 7 days' },
  unused: { one: 'token was not used for 30 days', many: 'tokens were not used for 30 days' },
  refused: {
    one: 'token was refused 20 times or more in 24 hours',
    many: 'tokens were refused 20 times or more in 24 hours',
  },
}

const NUMBER = new Intl.NumberFormat('en')
