import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { clientAddressQuery } from '../api/queries.ts'
import { OVER_HTTP, pagesOverHttp, seenSuggestions } from '../restriction/seen-suggestions.ts'
import { usePortal } from '../session/use-session.ts'
import { TimeText } from '../time/time-text.tsx'
import type { EditedList } from './edited-list.ts'
import type { EntryRules } from './entry-rules.ts'
import { CARD_WORDS } from './list-words.ts'

const SHOWN_MAX = 8

/** Where calls came from that no entry names yet, one click each; and pages that none would match. */
export function SeenEntries(props: EditedList & { rules: EntryRules }): ReactElement | null {
  const { kind, entries, seen, settings, onEntries } = props
  const { judgePaste } = props.rules
  const [isOpen, setIsOpen] = useState(false)
  const desk = useDeskAddress(kind === 'ips')
  const list = { kind, settings, entries, subdomains: false }
  const suggestions = seenSuggestions(seen, kind, entries)
    .filter(({ value }) => judgePaste(value, list)[0]?.ok)
    .slice(0, SHOWN_MAX)
  const known = new Set([...entries, ...suggestions].map(({ value }) => value))
  const isDeskOffered =
    desk !== undefined && !known.has(desk) && judgePaste(desk, list)[0]?.ok === true
  const add = (value: string, label: string): void => onEntries([...entries, { value, label }])
  const overHttp = kind === 'domains' ? [...pagesOverHttp(seen)].slice(0, SHOWN_MAX) : []
  const offered = suggestions.length + (isDeskOffered ? 1 : 0)
  if (offered + overHttp.length === 0) return null
  if (!isOpen && offered > 0) {
    return (
      <div>
        <Button
          size="compact-sm"
          variant="subtle"
          className="flush"
          onClick={() => setIsOpen(true)}
        >
          {CARD_WORDS[kind].addSeen} ({offered})
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
            onClick={() => add(value, '')}
          >
            Add
          </Button>
        </li>
      ))}
      {isDeskOffered && <DeskAddress value={desk} onAdd={() => add(desk, 'desk')} />}
      {overHttp.map((value) => (
        <li key={value} className="small">
          <span className="mono wrap">{value}</span> <span className="dimmed">{OVER_HTTP}</span>
        </li>
      ))}
    </ul>
  )
}

/** Of whoever edits, for trying things out: a server calls from elsewhere. */
function DeskAddress({ value, onAdd }: { value: string; onAdd: () => void }): ReactElement {
  return (
    <li className="row">
      <span className="grow small">
        <span className="mono wrap">{value}</span>{' '}
        <span className="dimmed">this browser’s own: of your desk, not of your server</span>
      </span>
      <Button size="compact-sm" variant="subtle" aria-label={`Add ${value}`} onClick={onAdd}>
        Add
      </Button>
    </li>
  )
}

/** Where this browser calls from, as far as the console can tell. */
function useDeskAddress(isAsked: boolean): string | undefined {
  // The portal does not tell: whoever asks there is no administrator.
  const isTold = usePortal() === undefined
  const { data } = useQuery({
    ...clientAddressQuery,
    enabled: isAsked && isTold,
    staleTime: 60_000,
  })
  return data?.thisRequest.address ?? undefined
}
