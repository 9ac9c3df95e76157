import { NativeSelect, TextInput } from '@mantine/core'
import { useThrottledCallback } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { ATTENTIONS, type TokenFilters } from '../api/queries.ts'
import { useFilterText } from '../filter/use-filter-text.ts'
import { usePortal } from '../session/use-session.ts'
import { Icon } from '../icon/icon.tsx'
import { ATTENTION_WORDS } from './attention-words.ts'

/** So often at most: a key that is held down writes faster, and browsers refuse so many URLs. */
const NARROWED_AGAIN_MS = 100

/** The search of the list of tokens: written into the URL as it is typed. */
export function TokenFilterFields({ filters }: { filters: TokenFilters }): ReactElement {
  const navigate = useNavigate()
  const portal = usePortal()
  const [name, typeName] = useFilterText(filters.name ?? '')
  const [owner, typeOwner] = useFilterText(filters.owner ?? '')
  const narrow = (changed: Partial<Record<keyof TokenFilters, string>>): void => {
    const all = { ...filters, ...changed, cursor: undefined, before: undefined }
    const search = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined && value !== ''),
    )
    void navigate({ to: '/tokens', search, replace: true })
  }
  const narrowSoon = useThrottledCallback(narrow, NARROWED_AGAIN_MS)
  return (
    <search className="filters">
      <TextInput
        aria-label="Search by name"
        placeholder="Search by name"
        leftSection={<Icon name="search" size={16} />}
        className="filter-wide"
        maxLength={200}
        value={name}
        onChange={({ currentTarget: { value } }) => {
          typeName(value, true)
          narrowSoon({ name: value, owner })
        }}
      />
      {portal === undefined && (
        <TextInput
          aria-label="Owner"
          placeholder="Owner"
          maxLength={128}
          value={owner}
          error={OWNER.test(owner) ? undefined : 'Letters, digits and . _ : @ - alone.'}
          onChange={({ currentTarget: { value } }) => {
            typeOwner(value, OWNER.test(value))
            if (OWNER.test(value)) narrowSoon({ owner: value, name })
          }}
        />
      )}
      <NativeSelect
        aria-label="Status"
        data={STATUSES}
        value={filters.status ?? ''}
        onChange={({ currentTarget: { value } }) => narrow({ status: value, name, owner })}
      />
      <NativeSelect
        aria-label="Needs attention"
        data={ATTENTION_CHOICES}
        value={filters.attention ?? ''}
        onChange={({ currentTarget: { value } }) => narrow({ attention: value, name, owner })}
      />
    </search>
  )
}

const OWNER = /^[A-Za-z0-9._:@-]{0,128}$/

const ATTENTION_CHOICES = [
  { value: '', label: 'With or without a warning' },
  ...ATTENTIONS.map((value) => ({ value, label: ATTENTION_WORDS[value] })),
]

const STATUSES = [
  { value: '', label: 'Every status' },
  { value: 'active', label: 'Active' },
  { value: 'disabled', label: 'Disabled' },
  { value: 'revoked', label: 'Revoked' },
]
