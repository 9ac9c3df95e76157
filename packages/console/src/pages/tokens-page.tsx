import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { tokensQuery } from '../api/queries.ts'
import { Icon } from '../icon/icon.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { useMay } from '../session/use-session.ts'
import { ListPages } from '../shell/list-pages.tsx'
import { PageTitle } from '../shell/page-title.tsx'
import { TokenFilterFields } from '../token/token-filter-fields.tsx'
import { NoTokens, TokenTable, TokenTableSkeleton } from '../token/token-table.tsx'
import { LinkButton } from '../shell/link-button.tsx'

const route = getRouteApi('/signed-in/tokens')

/** All tokens, page by page; filters live in the URL. */
export function TokensPage(): ReactElement {
  const filters = route.useSearch()
  const tokens = useQuery({
    ...tokensQuery(filters, useMay('activity')),
    placeholderData: keepPreviousData,
  })
  const mayCreate = useMay('create')
  const navigate = route.useNavigate()
  return (
    <div className="page">
      <PageTitle title="Tokens">
        {mayCreate && (
          <LinkButton to="/tokens/new" leftSection={<Icon name="add" />}>
            New token
          </LinkButton>
        )}
      </PageTitle>
      <div className="stack">
        <TokenFilterFields filters={filters} />
        {tokens.isError && (
          <ProblemPanel error={tokens.error} onRetry={() => void tokens.refetch()} />
        )}
        {tokens.isPending && <TokenTableSkeleton />}
        {tokens.data?.items.length === 0 && <NoTokens filters={filters} />}
        {tokens.data !== undefined && tokens.data.items.length > 0 && (
          <TokenTable tokens={tokens.data.items} />
        )}
        <ListPages
          previousCursor={tokens.data?.previousCursor}
          nextCursor={tokens.data?.nextCursor}
          onGo={({ cursor, before }) =>
            void navigate({ search: (search) => ({ ...search, cursor, before }) })
          }
        />
      </div>
    </div>
  )
}
