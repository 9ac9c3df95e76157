import type { Restrictions } from '@keyfence/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { answerOf, api, type RestrictionsPreview } from '../api/client.ts'
import { isSameRestrictions } from '../restriction/draft.ts'
import { restrictionsBody } from '../restriction/request-body.ts'

/** Of these very lists, and of no others: `undefined` until it is there. */
export interface Preview {
  readonly data: RestrictionsPreview | undefined
  /** Whether it was asked for in vain. */
  readonly isError: boolean
}

/** What these lists would have done to the calls that were seen, asked a moment after an edit. */
export function usePreview(id: string, restrictions: Restrictions, enabled = true): Preview {
  const [asked] = useDebouncedValue(restrictions, 300)
  const { data, isError } = useQuery({
    queryKey: ['tokens', 'preview', id, asked],
    queryFn: async () =>
      (
        await answerOf(
          api.POST('/v1/tokens/{id}/restrictions/preview', {
            params: { path: { id } },
            body: restrictionsBody(asked),
          }),
        )
      ).body,
    enabled,
  })
  const isOfThese = isSameRestrictions(asked, restrictions)
  return isOfThese ? { data, isError } : { data: undefined, isError: false }
}
