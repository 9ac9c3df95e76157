import type { Restrictions } from '@keyfence/core'
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { Dialog } from '../notice/dialog.tsx'
import { DifferenceList } from '../access/difference-list.tsx'
import { saveRestrictions } from '../access/save-restrictions.ts'
import type { Refusal, VersionedToken } from '../api/client.ts'
import { CONFIRMED } from '../api/confirmed.ts'
import { tokenQuery } from '../api/queries.ts'
import { notifyDone, notifyProblem } from '../notice/notify.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { difference } from '../restriction/difference.ts'
import { allowPlace, type SeenPlace } from '../restriction/lock-to-seen.ts'
import { unsafeStates } from '../restriction/unsafe-states.ts'
import { keepToken } from '../token/keep-token.ts'
import { allowableValue } from './allowable-value.ts'

/** Asks before what was refused is allowed from now on. */
export function AllowDialog(props: {
  tokenId: string
  refusal: Refusal
  onClose: () => void
}): ReactElement | null {
  const { tokenId, refusal, onClose } = props
  const place = allowableValue(refusal)
  const { data: stored } = useQuery(tokenQuery(tokenId))
  const allowing = useAllowing(tokenId, onClose)
  if (place === undefined || stored === undefined) return null
  const now = stored.token.restrictions
  const then = allowPlace(now, place)
  const lines = difference(now, then)
  const word = place.kind === 'domains' ? 'domain' : 'address'
  return (
    <Dialog
      opened
      title={`Allow this ${word}?`}
      layer="form"
      {...(allowing.isPending ? {} : { onClose })}
    >
      <div className="stack">
        {lines.length === 0 ? (
          <p>
            <span className="mono wrap">{place.value}</span> is listed already.
          </p>
        ) : (
          <DifferenceList lines={lines} label="What changes" />
        )}
        {unsafeStates(now, then, stored.token.mode).map((warning) => (
          <p key={warning} className="small tone-warn">
            {warning}
          </p>
        ))}
        {allowing.isError && <ProblemPanel error={allowing.error} />}
        <div className="row-wrap">
          <Button
            data-autofocus
            disabled={lines.length === 0}
            loading={allowing.isPending}
            onClick={() => allowing.mutate({ place, stored })}
          >
            Allow
          </Button>
          <Button variant="default" disabled={allowing.isPending} onClick={onClose}>
            Cancel
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

interface Allowing {
  readonly place: SeenPlace
  readonly stored: VersionedToken
}

function useAllowing(id: string, onDone: () => void) {
  const queries = useQueryClient()
  const takingBack = useMutation({
    mutationFn: ({ now, before }: { now: VersionedToken; before: Restrictions }) =>
      saveRestrictions(now, before),
    onSuccess: (now) => keepToken(queries, now),
    onError: notifyProblem,
  })
  return useMutation({
    ...CONFIRMED,
    mutationFn: ({ place, stored }: Allowing) =>
      saveRestrictions(stored, allowPlace(stored.token.restrictions, place)),
    onSuccess: (now, { place, stored }) => {
      keepToken(queries, now)
      onDone()
      notifyDone(`${place.value} is allowed: its next call passes.`, () =>
        takingBack.mutate({ now, before: stored.token.restrictions }),
      )
    },
    // Somebody was faster: what changes is shown anew, and asked again.
    onError: () => void queries.invalidateQueries(tokenQuery(id)),
  })
}
