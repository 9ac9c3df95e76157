import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { saveRestrictions } from '../access/save-restrictions.ts'
import type { TokenActivity } from '../api/client.ts'
import { activityQuery, readToken } from '../api/queries.ts'
import { Icon } from '../icon/icon.tsx'
import { notifyDone, notifyProblem } from '../notice/notify.tsx'
import { allowPlace, placeOfSeen, type SeenPlace } from '../restriction/lock-to-seen.ts'
import { OVER_HTTP } from '../restriction/seen-suggestions.ts'
import { useMay } from '../session/use-session.ts'
import { keepToken } from '../token/keep-token.ts'
import { TimeText } from '../time/time-text.tsx'

const POLL_MS = 2_000

/** Waits for the first call of a new token, and offers to lock it to where that came from. */
export function FirstCall({ id }: { id: string }): ReactElement {
  const activity = useQuery({
    ...activityQuery(id, 1),
    refetchInterval: (query) =>
      (query.state.data?.seen.length ?? 0) === 0 ? POLL_MS : POLL_MS * 5,
  })
  const seen = activity.data?.seen ?? []
  return (
    <section className="card stack" aria-label="First call" aria-live="polite">
      {seen.length === 0 ? (
        <div className="row">
          <span className="pulse" aria-hidden="true" />
          <span>Waiting for the first call…</span>
        </div>
      ) : (
        <ul className="seen-list">
          {seen.slice(0, 5).map((one) => (
            <SeenCall key={`${one.kind} ${one.value}`} id={id} seen={one} />
          ))}
        </ul>
      )}
    </section>
  )
}

function SeenCall({ id, seen }: { id: string; seen: TokenActivity['seen'][number] }): ReactElement {
  const place = placeOfSeen(seen)
  const locking = useLocking(id)
  const mayWrite = useMay('restrict')
  return (
    <li className="row-between">
      <span className="wrap">
        <Icon name={seen.source === 'server' ? 'server' : 'browser'} size={16} />{' '}
        {seen.source ?? 'others'},{' '}
        <span className="mono">{seen.value ?? 'no domain or address'}</span>{' '}
        <span className="small dimmed">
          {seen.allowed > 0 ? 'allowed' : 'refused'} <TimeText value={seen.lastAt} />
        </span>
        {seen.kind === 'http_domain' && <span className="small tone-warn"> {OVER_HTTP}</span>}
      </span>
      {place !== undefined && mayWrite && (
        <Button
          size="xs"
          leftSection={<Icon name="lock" size={15} />}
          loading={locking.isPending}
          onClick={() => locking.mutate(place)}
        >
          Lock to this
        </Button>
      )}
    </li>
  )
}

function useLocking(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (place: SeenPlace) => {
      const stored = await readToken(id)
      return saveRestrictions(stored, allowPlace(stored.token.restrictions, place))
    },
    onSuccess: (now, { value }) => {
      keepToken(queries, now)
      notifyDone(`Locked: ${value} is listed, and its list is on.`)
    },
    onError: notifyProblem,
  })
}
