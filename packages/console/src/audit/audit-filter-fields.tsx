import { NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import type { ReactElement } from 'react'
import type { AuditFilters } from '../api/queries.ts'
import { useFilterText } from '../filter/use-filter-text.ts'
import { ACTION_WORDS, AUDIT_ACTIONS, type NamesById } from './audit-words.ts'

/** What the audit log is narrowed to. */
export function AuditFilterFields(props: {
  filters: AuditFilters
  names: NamesById
  onNarrow: (changed: { actor?: string; action?: string; target?: string }) => void
}): ReactElement {
  const { filters, names, onNarrow } = props
  const [target, typeTarget] = useFilterText(filters.target ?? '')
  const narrowSoon = useDebouncedCallback((text: string) => onNarrow({ target: text }), 250)
  const type = (text: string): void => {
    typeTarget(text, isTarget(text))
    if (isTarget(text)) narrowSoon(text)
  }
  return (
    <search className="filters">
      <TextInput
        aria-label="Id of a token, key or administrator"
        placeholder="Id of a token, key or administrator"
        className="filter-wide"
        maxLength={64}
        value={target}
        error={
          isTarget(target) ? undefined : 'An id like tok_019a2b3c-0000-7000-8000-000000000000.'
        }
        onChange={({ currentTarget: { value } }) => type(value.trim())}
      />
      <NativeSelect
        aria-label="Who"
        data={actorChoices(names, filters.actor)}
        value={filters.actor ?? ''}
        onChange={({ currentTarget: { value } }) => onNarrow({ actor: value })}
      />
      <NativeSelect
        aria-label="What"
        data={ACTIONS}
        value={filters.action ?? ''}
        onChange={({ currentTarget: { value } }) => onNarrow({ action: value })}
      />
    </search>
  )
}

const TARGET = /^(?:tok|key|adm)_[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

function isTarget(text: string): boolean {
  return text === '' || TARGET.test(text)
}

function actorChoices(names: NamesById, chosen: string | undefined) {
  const known = [...names].map(([value, label]) => ({ value, label }))
  const choices = [
    { value: '', label: 'Everybody' },
    ...known,
    { value: 'operator', label: 'Somebody on the server' },
    { value: 'environment', label: 'The key of the environment' },
  ]
  const isListed = chosen === undefined || choices.some(({ value }) => value === chosen)
  return isListed ? choices : [...choices, { value: chosen, label: chosen }]
}

const ACTIONS = [
  { value: '', label: 'Everything' },
  ...AUDIT_ACTIONS.map((value) => ({ value, label: ACTION_WORDS[value] })),
]
