import type { Restrictions } from '@keyfence/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { answerOf, api } from '../api/client.ts'
import { restrictionsBody } from '../restriction/request-body.ts'

/** What these lists would have done to the calls that were seen, asked a moment after an edit. */
export function usePreview(id: string, restrictions: Restrictions, enabled = true) {
  const [asked] = useDebouncedValue(restrictions, 300)
  return useQuery({
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
    placeholderData: keepPreviousData,
  })
}
