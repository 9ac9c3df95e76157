import { ActionIcon, Button, TextInput } from '@mantine/core'
import { type KeyboardEvent, type ReactElement, useState } from 'react'
import type { TokenActivity } from '../api/client.ts'
import { Icon } from '../icon/icon.tsx'
import type { ListEntry } from '../restriction/draft.ts'
import type { ListKind } from '../restriction/list-kind.ts'
import { lastMatched } from '../restriction/seen-suggestions.ts'
import { wwwTwin } from '../restriction/www-twin.ts'
import { TimeText } from '../time/time-text.tsx'
import type { EntryRules } from './entry-rules.ts'
import { SubdomainsCheck } from './subdomains-check.tsx'

interface EntryRowProps {
  readonly kind: ListKind
  readonly entry: ListEntry
  readonly entries: readonly ListEntry[]
  readonly rules: EntryRules | undefined
  readonly seen: readonly TokenActivity['seen'][number][]
  readonly isReadOnly: boolean
  /** No further entry fits. */
  readonly isFull: boolean
  readonly onEntries: (entries: readonly ListEntry[]) => void
}

/** One entry: its value, when it last matched, its label, and whether it covers its subdomains. */
export function EntryRow(props: EntryRowProps): ReactElement {
  const { kind, entry, entries, seen, isReadOnly, onEntries } = props
  const matchedAt = lastMatched(entry, seen)
  const change = (changed: ListEntry): void =>
    onEntries(entries.map((one) => (one.value === entry.value ? changed : one)))
  const remove = (): void => onEntries(entries.filter(({ value }) => value !== entry.value))
  return (
    <li className="entry">
      <div className="entry-line">
        <span className="entry-value grow">{entry.value}</span>
        {seen.length > 0 && (
          <span className="small dimmed nowrap" title="Last matched">
            {matchedAt === undefined ? 'not seen' : <TimeText value={matchedAt} />}
          </span>
        )}
        {!isReadOnly && (
          <ActionIcon
            variant="subtle"
            color="gray"
            title="Remove"
            aria-label={`Remove ${entry.value}`}
            onClick={remove}
          >
            <Icon name="remove" size={16} />
          </ActionIcon>
        )}
      </div>
      <div className="row-wrap">
        <LabelField
          entry={entry}
          isReadOnly={isReadOnly}
          onLabel={(label) => change({ ...entry, label })}
        />
        {kind === 'domains' && (
          <SubdomainsCheck
            entry={entry}
            rules={props.rules}
            isReadOnly={isReadOnly}
            onSubdomains={(subdomains) => change({ ...entry, subdomains })}
          />
        )}
        {kind === 'domains' && !isReadOnly && !props.isFull && <WwwButton {...props} />}
      </div>
    </li>
  )
}

function LabelField(props: {
  entry: ListEntry
  isReadOnly: boolean
  onLabel: (label: string) => void
}): ReactElement | null {
  const { entry, isReadOnly, onLabel } = props
  const [state, setState] = useState<'unopened' | 'open' | 'closed'>('unopened')
  const closeOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    // The same key would press the button that takes over, and open it again.
    event.preventDefault()
    setState('closed')
  }
  if (isReadOnly)
    return entry.label === '' ? null : <span className="small dimmed wrap">{entry.label}</span>
  if (state !== 'open') {
    return (
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        className="flush quiet-button"
        // Whoever has written a label goes on from there.
        autoFocus={state === 'closed'}
        onClick={() => setState('open')}
      >
        <span className="label-text">{entry.label === '' ? 'Add a label' : entry.label}</span>
        <span className="visually-hidden">, label of {entry.value}</span>
      </Button>
    )
  }
  return (
    <TextInput
      size="xs"
      autoFocus
      aria-label={`Label of ${entry.value}`}
      placeholder="Web shop"
      maxLength={200}
      value={entry.label}
      onChange={(event) => onLabel(event.currentTarget.value)}
      onBlur={() => setState('unopened')}
      onKeyDown={closeOnEnter}
    />
  )
}

function WwwButton({ entry, entries, onEntries }: EntryRowProps): ReactElement | null {
  const twin = wwwTwin(entry, entries)
  if (twin === undefined) return null
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      className="flush quiet-button"
      onClick={() =>
        onEntries([...entries, { value: twin, label: entry.label, subdomains: false }])
      }
    >
      also {twin.startsWith('www.') ? 'www' : 'without www'}
    </Button>
  )
}
