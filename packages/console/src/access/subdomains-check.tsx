import { Checkbox } from '@mantine/core'
import type { ReactElement } from 'react'
import type { ListEntry } from '../restriction/draft.ts'
import type { EntryRules } from './entry-rules.ts'

/** Whether a domain covers its subdomains; not offered where other people's sites lie below it. */
export function SubdomainsCheck(props: {
  entry: ListEntry
  rules: EntryRules | undefined
  isReadOnly: boolean
  onSubdomains: (subdomains: boolean) => void
}): ReactElement | null {
  const { entry, rules, isReadOnly, onSubdomains } = props
  if (entry.value.startsWith('*.')) return <span className="small dimmed">subdomains alone</span>
  if (isReadOnly) {
    return entry.subdomains === true ? (
      <span className="small dimmed">and its subdomains</span>
    ) : null
  }
  const isOffered = rules?.mayCoverSubdomains(entry.value) === true
  if (!isOffered && entry.subdomains !== true) return null
  return (
    <Checkbox
      size="xs"
      label="and its subdomains"
      checked={entry.subdomains === true}
      onChange={(event) => onSubdomains(event.currentTarget.checked)}
    />
  )
}
