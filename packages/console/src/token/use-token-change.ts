import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CONFIRMED } from '../api/confirmed.ts'
import { isUnreachable } from '../api/problem.ts'
import { tokenQuery } from '../api/queries.ts'
import { whileMeant } from '../api/while-meant.ts'
import { notifyDone, notifyProblem } from '../notice/notify.tsx'
import { type ChangedToken, keepToken } from './keep-token.ts'
import { sendChange, type TokenChange } from './send-change.ts'

/** What is said once it is done, what takes it back, and what else follows. */
interface Told {
  readonly done: string
  readonly undo?: TokenChange
  readonly onDone?: () => void
}

interface SentChange {
  readonly seen: ChangedToken
  readonly change: TokenChange
  readonly told: Told
}

const sendWhileMeant = whileMeant(({ seen, change }: SentChange) => sendChange(seen, change))

/**
 * Changes one thing about a token, says so, and offers the way back. If somebody was faster, the token
 * is read again and the person told: nothing typed is lost. Both are told wherever the person is by
 * then.
 * @param isConfirmed whether it was asked about first, so that it is not sent again by itself
 */
export function useTokenChange({ isConfirmed = false } = {}) {
  const queries = useQueryClient()
  const changing = useMutation({
    ...(isConfirmed ? CONFIRMED : {}),
    mutationFn: sendWhileMeant,
    onSuccess: (now, { told }) => {
      keepToken(queries, now)
      told.onDone?.()
      const { undo } = told
      notifyDone(
        told.done,
        undo === undefined
          ? undefined
          : () => changing.mutate({ seen: now, change: undo, told: TAKEN_BACK }),
      )
    },
    onError: (error, { seen }) => {
      if (!isUnreachable(error)) void queries.invalidateQueries(tokenQuery(seen.token.id))
      notifyProblem(error)
    },
  })
  return {
    isPending: changing.isPending,
    change: (seen: ChangedToken, change: TokenChange, told: Told) =>
      changing.mutate({ seen, change, told }),
  }
}

const TAKEN_BACK = { done: 'Taken back.' }
