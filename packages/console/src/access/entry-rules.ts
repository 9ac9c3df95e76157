import { queryOptions, useQuery } from '@tanstack/react-query'
import { ApiProblem, UNREACHABLE } from '../api/problem.ts'
import { whenIdle } from '../time/when-idle.ts'

/** By what entries are judged as they are typed. */
export type EntryRules = Awaited<ReturnType<typeof loadRules>>

/**
 * The rules for entries; `undefined` as long as they are not there. With them come lists of names that
 * weigh more than the page, so that it is shown first. Where the server is gone, they are asked for
 * again until it is back.
 */
export function useEntryRules(): EntryRules | undefined {
  return useQuery(entryRulesQuery).data
}

const entryRulesQuery = queryOptions({
  queryKey: ['entry-rules'],
  queryFn: loadRules,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  // Functions are no answer of a server.
  structuralSharing: false,
})

async function loadRules() {
  await whenIdle()
  try {
    const [{ judgePaste }, { mayCoverSubdomains }] = await Promise.all([
      import('../restriction/judge-paste.ts'),
      import('../restriction/may-cover-subdomains.ts'),
    ])
    return { judgePaste, mayCoverSubdomains }
  } catch {
    throw new ApiProblem(UNREACHABLE)
  }
}
