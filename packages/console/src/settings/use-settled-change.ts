import { useQueryClient } from '@tanstack/react-query'
import type { VersionedToken } from '../api/client.ts'
import { isOvertaken } from '../api/problem.ts'
import { tokenQuery } from '../api/queries.ts'
import { notifyDone, notifyProblem } from '../notice/notify.tsx'
import { useTokenChange } from '../token/use-token-change.ts'

/** What is said once it is done, what takes it back, and what else follows. */
interface Told {
  readonly done: string
  readonly undo?: Change
  readonly onDone?: () => void
}

type Change = Parameters<ReturnType<typeof useTokenChange>['mutate']>[0]['change']

/**
 * Changes a setting of a token, says so, and offers the way back. If somebody was faster, the token
 * is read again and the person told: nothing typed is lost.
 */
export function useSettledChange(stored: VersionedToken) {
  const { id } = stored.token
  const changing = useTokenChange(id)
  const queries = useQueryClient()
  const run = (etag: string, change: Change, told: Told): void => {
    const { undo, onDone } = told
    changing.mutate(
      { etag, change },
      {
        onSuccess: (now) => {
          onDone?.()
          notifyDone(
            told.done,
            undo === undefined ? undefined : () => run(now.etag, undo, { done: 'Taken back.' }),
          )
        },
        onError: (error) => {
          if (isOvertaken(error)) void queries.invalidateQueries(tokenQuery(id))
          notifyProblem(error)
        },
      },
    )
  }
  return {
    isPending: changing.isPending,
    change: (change: Change, told: Told) => run(stored.etag, change, told),
  }
}
