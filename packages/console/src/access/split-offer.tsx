import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, type ReactElement, useState } from 'react'
import { answerOf, api, type CreatedToken, type ReadToken } from '../api/client.ts'
import { Dialog } from '../notice/dialog.tsx'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { Panel } from '../notice/panel.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { restrictionsBody } from '../restriction/request-body.ts'
import { type SplitLists, splitLists } from '../restriction/split-lists.ts'
import { strengthOf } from '../restriction/strength.ts'
import { SecretCard } from '../secret/secret-card.tsx'
import { useMay, usePortal } from '../session/use-session.ts'
import { tokenState } from '../token/token-state.ts'
import type { RestrictionsDraft } from './use-restrictions-draft.ts'

/**
 * Offers two tokens where both lists of one are on. The new one is made at once; of the first only
 * the draft changes, so that its servers go on until they have the new secret and somebody saves.
 */
export function SplitOffer(props: {
  token: ReadToken
  editing: RestrictionsDraft
}): ReactElement | null {
  const { token, editing } = props
  const [isAsking, setIsAsking] = useState(false)
  const [created, setCreated] = useState<CreatedToken>()
  const mayCreate = useMay('create')
  const lists = splitLists(editing.saved, editing.draft)
  const keep = (second: CreatedToken): void => {
    setIsAsking(false)
    setCreated(second)
    editing.edit(() => lists.first)
  }
  return (
    <>
      {strengthOf(editing.draft).level === 'both' && mayCreate && (
        <OfferLine state={tokenState(token, Date.now()).text} onAsk={() => setIsAsking(true)} />
      )}
      <Dialog opened={isAsking} title="Split into two tokens?" onClose={() => setIsAsking(false)}>
        <SplitForm
          token={token}
          lists={lists}
          onCreated={keep}
          onCancel={() => setIsAsking(false)}
        />
      </Dialog>
      <SplitDone token={token} created={created} onClose={() => setCreated(undefined)} />
    </>
  )
}

/** The new token works at once, which one that was switched off or has ended should not lead to. */
function OfferLine({ state, onAsk }: { state: string; onAsk: () => void }): ReactElement {
  if (state === 'disabled' || state === 'expired') {
    const first = state === 'disabled' ? 'Enable it first' : 'Give it a later expiry first'
    return <p className="small dimmed">{first} to split it into two tokens.</p>
  }
  return (
    <div>
      <Button size="compact-sm" variant="light" onClick={onAsk}>
        Split into two tokens…
      </Button>
    </div>
  )
}

function SplitForm(props: {
  token: ReadToken
  lists: SplitLists
  onCreated: (second: CreatedToken) => void
  onCancel: () => void
}): ReactElement {
  const { token, lists, onCreated, onCancel } = props
  const users = USERS[lists.moved]
  const isOwners = usePortal() !== undefined
  const [draft, setDraft] = useState(() =>
    named(`${token.name.slice(0, NAME_MAX - 10)}, ${users.many}`),
  )
  const creating = useCreating(onCreated)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    creating.mutate({ token, draft, lists, isOwners })
  }
  return (
    <form className="stack" onSubmit={submit}>
      <p>
        A new token takes the {users.list}, for {users.many} alone. <strong>{token.name}</strong>{' '}
        keeps its secret and the other list.
      </p>
      <TextInput
        label="Name of the new token"
        required
        withAsterisk={false}
        maxLength={NAME_MAX}
        value={draft.name}
        onChange={({ currentTarget: { value } }) => setDraft(named(value))}
      />
      {lists.second[lists.moved].entries.length === 0 && (
        <p className="small tone-warn">
          Nothing is listed for {users.many} yet: the new token is refused everywhere until you list
          something on its page.
        </p>
      )}
      {isOwners && Object.keys(token.metadata).length > 0 && (
        <p className="small tone-warn">
          Its metadata is not taken over: that is for your provider to set.
        </p>
      )}
      {creating.isError && <ProblemPanel error={creating.error} />}
      <LeaveQuestion
        isAsked={creating.isPending}
        title="Leave before the secret is here?"
        text="The new token is being made: its secret is on its way, and shown once. Whoever leaves now loses it."
      />
      <div className="row-wrap">
        <Button type="submit" loading={creating.isPending}>
          Split
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

const NAME_MAX = 200

/** Who needs the new token, by the list that it takes. */
const USERS = {
  domains: { many: 'pages', list: 'domains' },
  ips: { many: 'servers', list: 'addresses' },
} as const

interface NamedDraft {
  readonly name: string
  readonly idempotencyKey: string
}

/** One key for one token, however often it is sent. */
const named = (name: string): NamedDraft => ({ name, idempotencyKey: crypto.randomUUID() })

interface Splitting {
  readonly token: ReadToken
  readonly draft: NamedDraft
  readonly lists: SplitLists
  /** In a portal: metadata is the provider's, and none may be sent. */
  readonly isOwners: boolean
}

function useCreating(onCreated: (second: CreatedToken) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ token, draft, lists, isOwners }: Splitting) => {
      const { owner, mode, notBefore, expiresAt, metadata } = token
      const header = { 'Idempotency-Key': draft.idempotencyKey }
      const body = {
        ...(isOwners ? {} : { metadata }),
        name: draft.name.trim(),
        owner,
        mode,
        notBefore,
        expiresAt,
        restrictions: restrictionsBody(lists.second),
      }
      return (await answerOf(api.POST('/v1/tokens', { params: { header }, body }))).body
    },
    onSuccess: (second) => {
      void queries.invalidateQueries({ queryKey: ['tokens', 'list'] })
      onCreated(second)
    },
  })
}

function SplitDone(props: {
  token: ReadToken
  created: CreatedToken | undefined
  onClose: () => void
}): ReactElement {
  const { token, created, onClose } = props
  const [takenId, setTakenId] = useState('')
  const isOpen = created !== undefined
  const secret = created?.secret
  const mayClose = secret === undefined || takenId === created?.id
  return (
    // Closed by a stray click or key, the secret would be gone.
    <Dialog opened={isOpen} title="Two tokens" size="lg" {...(mayClose ? { onClose } : {})}>
      {isOpen && (
        <div className="stack">
          <p>
            <Link to="/tokens/$id/access" params={{ id: created.id }}>
              {created.name}
            </Link>{' '}
            is made. <strong>{token.name}</strong> still works as it did: bring the new secret to
            where it is needed, then save what changes on this page.
          </p>
          {secret === undefined ? (
            <Panel tone="warn">
              Its secret was shown already. Rotate it if nobody kept the secret.
            </Panel>
          ) : (
            <SecretCard secret={secret} isTaken={mayClose} onTaken={() => setTakenId(created.id)} />
          )}
          <div>
            <Button variant="default" onClick={onClose}>
              {mayClose ? 'Done' : 'Close without copying'}
            </Button>
          </div>
        </div>
      )}
      <LeaveQuestion
        isAsked={isOpen && !mayClose}
        title="Leave without the secret?"
        text="It was not copied yet, and it is never shown again. Without it the token has to be rotated."
      />
    </Dialog>
  )
}
