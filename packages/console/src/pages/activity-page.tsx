import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { CountsCard } from '../activity/counts-card.tsx'
import { REASON_WORDS } from '../activity/reason-words.ts'
import { RefusalsCard } from '../activity/refusals-card.tsx'
import type { Refusal } from '../api/client.ts'
import { activityQuery } from '../api/queries.ts'
import { pagesOverHttp } from '../restriction/seen-suggestions.ts'

const route = getRouteApi('/signed-in/tokens/$id/activity')

/** What became of the calls of a token. */
export function ActivityPage(): ReactElement {
  const { id } = route.useParams()
  const { reason, days = 1 } = route.useSearch()
  const navigate = route.useNavigate()
  // As the card above asks: what was seen is the same of any time.
  const activity = useQuery({ ...activityQuery(id, days), placeholderData: keepPreviousData })
  return (
    <div className="stack">
      <CountsCard
        id={id}
        days={days}
        onDays={(chosen) =>
          void navigate({ search: (before) => ({ ...before, days: chosen }), replace: true })
        }
      />
      <RefusalsCard
        key={reason}
        id={id}
        reason={isReason(reason) ? reason : undefined}
        overHttp={pagesOverHttp(activity.data?.seen ?? [])}
        onReason={(chosen) =>
          void navigate({ search: (before) => ({ ...before, reason: chosen }), replace: true })
        }
      />
    </div>
  )
}

function isReason(text: string | undefined): text is Refusal['reason'] {
  return text !== undefined && Object.hasOwn(REASON_WORDS, text)
}
