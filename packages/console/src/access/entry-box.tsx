import type { RestrictionSettings } from '@keyfence/core'
import { Button, Checkbox, Textarea } from '@mantine/core'
import { type KeyboardEvent, type ReactElement, useEffect, useState } from 'react'
import { Icon } from '../icon/icon.tsx'
import type { ListEntry } from '../restriction/draft.ts'
import { type JudgedEntry, refusedText, takenEntries } from '../restriction/judged-entry.ts'
import type { ListKind } from '../restriction/list-kind.ts'
import type { EntryRules } from './entry-rules.ts'
import { CARD_WORDS } from './list-words.ts'

interface EntryBoxProps {
  readonly kind: ListKind
  readonly entries: readonly ListEntry[]
  readonly settings: RestrictionSettings
  readonly rules: EntryRules | undefined
  readonly isFull: boolean
  readonly typed: string
  readonly onTyped: (typed: string) => void
  readonly onEntries: (entries: readonly ListEntry[]) => void
}

/** Takes one entry or a whole paste; what each becomes, or why it cannot be, is shown as it is typed. */
export function EntryBox(props: EntryBoxProps): ReactElement {
  const { kind, entries, settings, rules, isFull, typed, onTyped, onEntries } = props
  const [subdomains, setSubdomains] = useState(false)
  const judged = rules?.judgePaste(typed, { kind, settings, entries, subdomains }) ?? []
  const taken = takenEntries(judged)
  const add = useAddedOnceJudged(rules !== undefined, typed, () => {
    if (taken.length === 0) return
    onEntries([...entries, ...taken])
    onTyped(refusedText(judged))
  })
  return (
    <div>
      <div className="box-line">
        <EntryText kind={kind} isFull={isFull} text={typed} onText={onTyped} onAdd={add} />
        <Button variant="light" disabled={taken.length === 0} onClick={add}>
          {taken.length > 1 ? `Add ${taken.length}` : 'Add'}
        </Button>
      </div>
      {kind === 'domains' && typed !== '' && (
        <Checkbox
          mt={8}
          size="xs"
          label="and its subdomains (one entry)"
          checked={subdomains}
          onChange={(event) => setSubdomains(event.currentTarget.checked)}
        />
      )}
      {rules === undefined && typed !== '' && <p className="small dimmed">Checking…</p>}
      <JudgedEntries judged={judged} />
    </div>
  )
}

/**
 * Adds what is typed: at once, or as soon as there is something to judge it by, unless it was changed
 * since.
 */
function useAddedOnceJudged(isJudged: boolean, typed: string, add: () => void): () => void {
  const [awaited, setAwaited] = useState<string>()
  useEffect(() => {
    if (awaited === undefined || !isJudged) return
    setAwaited(undefined)
    if (awaited === typed) add()
  }, [awaited, isJudged, typed, add])
  return isJudged ? add : () => setAwaited(typed)
}

function EntryText(props: {
  kind: ListKind
  isFull: boolean
  text: string
  onText: (text: string) => void
  onAdd: () => void
}): ReactElement {
  const { kind, isFull, text, onText, onAdd } = props
  const addOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    onAdd()
  }
  return (
    <Textarea
      className="grow"
      label={CARD_WORDS[kind].boxLabel}
      description={
        isFull ? 'The list is full: remove one to add another.' : CARD_WORDS[kind].boxNote
      }
      placeholder={CARD_WORDS[kind].placeholder}
      // Measured by script, its height costs three layouts of the page.
      {...(GROWS_BY_STYLE ? { rows: 1 } : { autosize: true, minRows: 1, maxRows: 8 })}
      classNames={{ input: 'growing' }}
      spellCheck={false}
      autoCapitalize="none"
      autoComplete="off"
      maxLength={20_000}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      onKeyDown={addOnEnter}
    />
  )
}

const GROWS_BY_STYLE = CSS.supports('field-sizing', 'content')

function JudgedEntries({ judged }: { judged: readonly JudgedEntry[] }): ReactElement {
  return (
    <ul className="judged" aria-live="polite">
      {judged.slice(0, SHOWN_MAX).map((one, at) => (
        <li key={`${at} ${one.text}`}>
          <JudgedLine judged={one} />
        </li>
      ))}
      {judged.length > SHOWN_MAX && (
        <li className="dimmed">and {judged.length - SHOWN_MAX} more that do not fit</li>
      )}
    </ul>
  )
}

const SHOWN_MAX = 25

function JudgedLine({ judged }: { judged: JudgedEntry }): ReactElement {
  if (!judged.ok) {
    return (
      <>
        <span className="tone-bad">
          <Icon name="remove" size={14} />
        </span>
        <span className="wrap">
          <span className="mono">{judged.text}</span>{' '}
          <span className="tone-bad">{judged.problem.message}</span>
        </span>
      </>
    )
  }
  const { value, subdomains } = judged.entry
  return (
    <>
      <span className="tone-good">
        <Icon name="done" size={14} />
      </span>
      <span className="wrap">
        {judged.text !== value && 'Saved as '}
        <span className="mono">{value}</span>
        {subdomains === true && ' and its subdomains'}
        {judged.warnings.map((warning) => (
          <span key={warning.code} className="tone-warn">
            {' '}
            {warning.message}
          </span>
        ))}
      </span>
    </>
  )
}
