import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { administratorsQuery, keysQuery } from '../api/queries.ts'
import type { NamesById } from './audit-words.ts'

/** Names of administrators, and of keys with their hints. */
export function useNames(): NamesById {
  const administrators = useQuery(administratorsQuery).data ?? []
  const keys = useInfiniteQuery(keysQuery).data?.pages.flatMap(({ items }) => items) ?? []
  return new Map([
    ...administrators.map(({ id, name }) => [id, name] as const),
    ...keys.map(({ id, name, hint }) => [id, `${name} (${hint})`] as const),
  ])
}
