import type { Restrictions } from '@keyfence/core'
import { UNRESTRICTED } from '@keyfence/core'
import { Button, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { DEFAULT_ENTRY_SETTINGS } from '../access/default-entry-settings.ts'
import { useEntryRules } from '../access/entry-rules.ts'
import { ListCard } from '../access/list-card.tsx'
import { listsFor, type WhereUsed, WhereUsedQuestion } from '../access/where-used.tsx'
import { answerOf, api, type CreatedToken } from '../api/client.ts'
import { entrySettingsQuery } from '../api/queries.ts'
import { whileMeant } from '../api/while-meant.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { Panel } from '../notice/panel.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { usePortal } from '../session/use-session.ts'
import { withEntries, withSwitch } from '../restriction/draft.ts'
import type { ListKind } from '../restriction/list-kind.ts'
import { plainWords } from '../restriction/plain-words.ts'
import { leftOutText, NOTHING_TYPED, type TypedEntries } from '../restriction/typed-entries.ts'
import { restrictionsBody } from '../restriction/request-body.ts'
import { expiryTime } from './expiry.ts'
import { type Expiry, ExpiryFields } from './expiry-fields.tsx'
import { LinkButton } from '../shell/link-button.tsx'

interface NewToken {
  readonly name: string
  readonly owner: string
  readonly expiry: Expiry
  readonly used: WhereUsed | undefined
  readonly restrictions: Restrictions
  readonly typed: TypedEntries
}

/** Asks for everything that a new token needs, its lists included. */
export function NewTokenForm({
  onCreated,
}: {
  onCreated: (token: CreatedToken) => void
}): ReactElement {
  // Asked for while the rest is filled in.
  useEntryRules()
  const { draft, isBegun, set, once, setOnce } = useDraft()
  const [problem, setProblem] = useState('')
  const creating = useMutation({ mutationFn: whileMeant(create), onSuccess: onCreated })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const { choice, date } = draft.expiry
    const expiresAt = once.expiresAt ?? expiryTime(choice, date, Date.now())
    const found = expiresAt === undefined ? NO_DAY : leftOutProblem(draft)
    // What is left out is said once: whoever goes on then means it.
    const isMeant = found !== NO_DAY && found === problem
    setProblem(isMeant ? '' : found)
    if (expiresAt === undefined || (found !== '' && !isMeant)) return
    setOnce({ ...once, expiresAt })
    creating.mutate({ draft, expiresAt, idempotencyKey: once.idempotencyKey })
  }
  return (
    <form className="stack-wide" onSubmit={submit}>
      <section className="card stack">
        <NameFields draft={draft} set={set} />
        <ExpiryFields expiry={draft.expiry} onChange={(expiry) => set({ expiry })} />
      </section>
      <WhereUsedQuestion
        question="Where will this token be used?"
        value={draft.used}
        onChange={(used) => set({ used, restrictions: switched(draft.restrictions, used) })}
      />
      {draft.used !== undefined && <NewTokenLists draft={draft} set={set} />}
      {problem !== '' && (
        <Panel tone="bad" role="alert">
          {problem}
        </Panel>
      )}
      {creating.isError && <ProblemPanel error={creating.error} />}
      <div className="row-wrap">
        <Button type="submit" loading={creating.isPending}>
          Create token
        </Button>
        <LinkButton to="/tokens" variant="default">
          Cancel
        </LinkButton>
      </div>
      <LeaveQuestion
        isAsked={isBegun && !creating.isSuccess}
        title="Leave without saving?"
        text={creating.isPending ? ON_ITS_WAY : 'The token that you began is not made yet.'}
      />
    </form>
  )
}

const ON_ITS_WAY =
  'The token is being made: its secret is on its way, and shown once. Whoever leaves now loses it.'

function useDraft() {
  const portal = usePortal()
  const [begun] = useState<NewToken>({ ...FIRST, owner: portal?.owner ?? '' })
  const [draft, setDraft] = useState(begun)
  const [once, setOnce] = useState(newOnce)
  const set = (changed: Partial<NewToken>): void => {
    setDraft((before) => ({ ...before, ...changed }))
    setOnce(newOnce)
  }
  return { draft, isBegun: draft !== begun, set, once, setOnce }
}

/** One key for one token, and the same end, however often it is sent. */
interface Once {
  readonly idempotencyKey: string
  readonly expiresAt?: string | null
}

const newOnce = (): Once => ({ idempotencyKey: crypto.randomUUID() })

const FIRST: NewToken = {
  name: '',
  owner: '',
  expiry: { choice: '90', date: '' },
  used: undefined,
  restrictions: UNRESTRICTED,
  typed: NOTHING_TYPED,
}

const NO_DAY = 'Choose a last day that is still to come.'

function leftOutProblem({ used, typed }: NewToken): string {
  const { domains, ips } = used === undefined ? { domains: false, ips: false } : listsFor(used)
  const text = leftOutText([domains ? typed.domains : '', ips ? typed.ips : ''])
  return text === '' ? '' : `${text} Add it, or create the token once more without it.`
}

function switched(restrictions: Restrictions, used: WhereUsed): Restrictions {
  const { domains, ips } = listsFor(used)
  return withSwitch(withSwitch(restrictions, 'domains', domains), 'ips', ips)
}

interface PartProps {
  readonly draft: NewToken
  readonly set: (changed: Partial<NewToken>) => void
}

function NameFields({ draft, set }: PartProps): ReactElement {
  const portal = usePortal()
  return (
    <div className="two">
      <TextInput
        label="Name"
        description="What it is for, as you would say it"
        placeholder="Web shop"
        required
        withAsterisk={false}
        maxLength={200}
        value={draft.name}
        onChange={({ currentTarget: { value } }) => set({ name: value })}
      />
      {portal === undefined && (
        <TextInput
          label="Owner"
          description="The customer’s id in your system"
          placeholder="customer-42"
          required
          withAsterisk={false}
          maxLength={128}
          pattern="[A-Za-z0-9._:@\-]+"
          title="Letters, digits and . _ : @ -"
          value={draft.owner}
          onChange={({ currentTarget: { value } }) => set({ owner: value })}
        />
      )}
    </div>
  )
}

function NewTokenLists({ draft, set }: PartProps): ReactElement {
  const settings = useQuery(entrySettingsQuery).data ?? DEFAULT_ENTRY_SETTINGS
  const { restrictions, used } = draft
  // Else a token could be created without what was entered and is still to be judged.
  if (useEntryRules() === undefined) return <Skeleton height={320} />
  const card = (kind: ListKind): ReactElement => (
    <ListCard
      kind={kind}
      enabled={restrictions[kind].enabled}
      entries={restrictions[kind].entries}
      settings={settings}
      seen={[]}
      isReadOnly={false}
      typed={draft.typed[kind]}
      onTyped={(text) => set({ typed: { ...draft.typed, [kind]: text } })}
      onSwitch={(enabled) => set({ restrictions: withSwitch(restrictions, kind, enabled) })}
      onEntries={(entries) => set({ restrictions: withEntries(restrictions, kind, entries) })}
    />
  )
  return (
    <div className="stack">
      <div className={used === 'both' ? 'two' : 'stack'}>
        {used !== 'server' && card('domains')}
        {used !== 'browser' && card('ips')}
      </div>
      <Panel tone="quiet">{plainWords(restrictions)}</Panel>
    </div>
  )
}

async function create(sent: {
  draft: NewToken
  expiresAt: string | null
  idempotencyKey: string
}): Promise<CreatedToken> {
  const { name, owner, restrictions } = sent.draft
  const { body } = await answerOf(
    api.POST('/v1/tokens', {
      params: { header: { 'Idempotency-Key': sent.idempotencyKey } },
      body: {
        name: name.trim(),
        owner: owner.trim(),
        expiresAt: sent.expiresAt,
        restrictions: restrictionsBody(restrictions),
      },
    }),
  )
  return body
}
