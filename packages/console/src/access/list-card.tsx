import { Skeleton, Switch } from '@mantine/core'
import { lazy, type ReactElement, Suspense, useId } from 'react'
import { Icon } from '../icon/icon.tsx'
import { Badge } from '../notice/badge.tsx'
import type { EditedList } from './edited-list.ts'
import { EntryRow } from './entry-row.tsx'
import { CARD_WORDS } from './list-words.ts'

// With the rules come lists of names that weigh more than the page: they follow by themselves.
const EntryBox = lazy(async () => ({ default: (await import('./entry-box.tsx')).EntryBox }))
const SeenEntries = lazy(async () => ({
  default: (await import('./seen-entries.tsx')).SeenEntries,
}))

/** One of the two cards: what the list is for, its switch, its entries, and a box for more. */
export function ListCard(props: EditedList): ReactElement {
  const { kind, enabled, entries, settings, isReadOnly } = props
  const words = CARD_WORDS[kind]
  const max = kind === 'domains' ? settings.maxDomains : settings.maxIps
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
          <Badge
            tone={entries.length >= max ? 'accent' : 'quiet'}
            text={`${entries.length} of ${max}`}
          />
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
        <Entries {...props} isFull={entries.length >= max} />
        {!isReadOnly && (
          <Suspense fallback={<Skeleton height={85} />}>
            <EntryBox {...props} isFull={entries.length >= max} />
            {entries.length < max && <SeenEntries {...props} />}
          </Suspense>
        )}
      </div>
    </section>
  )
}

function Entries(props: EditedList & { isFull: boolean }): ReactElement {
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
