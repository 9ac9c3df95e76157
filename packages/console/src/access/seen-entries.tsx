import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { judgePaste } from '../restriction/judge-paste.ts'
import { seenSuggestions } from '../restriction/seen-suggestions.ts'
import { TimeText } from '../time/time-text.tsx'
import type { EditedList } from './edited-list.ts'
import { CARD_WORDS } from './list-words.ts'

const SHOWN_MAX = 8

/** Where calls came from that no entry names yet, one click each. */
export function SeenEntries({
  kind,
  entries,
  seen,
  settings,
  onEntries,
}: EditedList): ReactElement | null {
  const [isOpen, setIsOpen] = useState(false)
  const rules = { kind, settings, entries, subdomains: false }
  const suggestions = seenSuggestions(seen, kind, entries)
    .filter(({ value }) => judgePaste(value, rules)[0]?.ok)
    .slice(0, SHOWN_MAX)
  if (suggestions.length === 0) return null
  if (!isOpen) {
    return (
      <div>
        <Button
          size="compact-sm"
          variant="subtle"
          className="flush"
          onClick={() => setIsOpen(true)}
        >
          {CARD_WORDS[kind].addSeen} ({suggestions.length})
        </Button>
      </div>
    )
  }
  return (
    <ul className="seen-list" aria-label={CARD_WORDS[kind].addSeen}>
      {suggestions.map(({ value, count, lastAt }) => (
        <li key={value} className="row">
          <span className="grow small">
            <span className="mono wrap">{value}</span>{' '}
            <span className="dimmed">
              {count} {count === 1 ? 'call' : 'calls'}, <TimeText value={lastAt} />
            </span>
          </span>
          <Button
            size="compact-sm"
            variant="light"
            aria-label={`Add ${value}`}
            onClick={() => onEntries([...entries, { value, label: '' }])}
          >
            Add
          </Button>
        </li>
      ))}
    </ul>
  )
}
