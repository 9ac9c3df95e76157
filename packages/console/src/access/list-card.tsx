import { Switch } from '@mantine/core'
import { type ReactElement, useId } from 'react'
import { Icon } from '../icon/icon.tsx'
import { Badge } from '../notice/badge.tsx'
import type { EditedList } from './edited-list.ts'
import { EntryBox } from './entry-box.tsx'
import { EntryRow } from './entry-row.tsx'
import { type EntryRules, useEntryRules } from './entry-rules.ts'
import { CARD_WORDS } from './list-words.ts'
import { SeenEntries } from './seen-entries.tsx'

/** One of the two cards: what the list is for, its switch, its entries, and a box for more. */
export function ListCard(props: EditedList): ReactElement {
  const { kind, enabled, entries, settings, isReadOnly } = props
  const words = CARD_WORDS[kind]
  const max = kind === 'domains' ? settings.maxDomains : settings.maxIps
  const isFull = entries.length >= max
  const rules = useEntryRules()
  const titleId = useId()
  return (
    <section className={enabled ? 'card' : 'card is-off'} aria-labelledby={titleId}>
      <div className="stack">
        <div className="list-head">
          <div className="row">
            <Icon name={words.icon} size={22} />
            <div>
              <h2 className="section-title" id={titleId}>
                {words.title}
              </h2>
              <p className="small dimmed">{words.subtitle}</p>
            </div>
          </div>
          <Badge tone={isFull ? 'accent' : 'quiet'} text={`${entries.length} of ${max}`} />
        </div>
        <p className="small dimmed list-use">
          {words.use} {words.note}
        </p>
        {isReadOnly ? (
          <p>
            <Badge tone={enabled ? 'good' : 'quiet'} text={enabled ? 'on' : 'off'} />
          </p>
        ) : (
          <Switch
            checked={enabled}
            label={words.switchLabel}
            onChange={(event) => props.onSwitch(event.currentTarget.checked)}
          />
        )}
        <Entries {...props} rules={rules} isFull={isFull} />
        {!isReadOnly && <EntryBox {...props} rules={rules} isFull={isFull} />}
        {!isReadOnly && !isFull && rules !== undefined && <SeenEntries {...props} rules={rules} />}
      </div>
    </section>
  )
}

function Entries(
  props: EditedList & { rules: EntryRules | undefined; isFull: boolean },
): ReactElement {
  const { kind, entries, enabled } = props
  if (entries.length === 0) {
    return (
      <p className={enabled ? 'small tone-warn' : 'small dimmed'}>
        {enabled
          ? 'Nothing is listed, so nobody matches. Add the first below.'
          : 'Nothing is listed yet.'}
      </p>
    )
  }
  return (
    <ul className="entries" aria-label={CARD_WORDS[kind].title}>
      {entries.map((entry) => (
        <EntryRow key={entry.value} entry={entry} {...props} />
      ))}
    </ul>
  )
}
