import { CompiledQuery, type Kysely } from 'kysely'
import type { FeedReader, Revision } from '../../fence/change-feed.ts'
import { type ChangeParts, feedPage } from '../kysely/change-parts.ts'
import type { Schema } from '../kysely/schema.ts'
import { databaseEpoch } from './database-epoch.ts'
import type { PreparedQuery } from './postgres-dialect.ts'

/**
 * The feed in one answer: each change costs every node as many of them as a page takes, and with a slow
 * database a copy stays young enough for as long as they take.
 */
export function postgresFeed(db: Kysely<Schema>): FeedReader {
  const epochOf = databaseEpoch()
  return {
    read: async (after, limit) => {
      const { rows } = await db.executeQuery<PageRow>(pageQuery(after, limit))
      const [page] = rows
      const parts = page?.changes ?? []
      return feedPage({
        epoch: epochOf(page),
        head: page?.head,
        next: parts.length === limit ? parts.at(-1)?.[0] : undefined,
        parts: () => parts,
      })
    },
  }
}

interface PageRow {
  readonly store: string | null
  readonly timeline: string
  readonly head: number | null
  readonly changes: readonly ChangeParts[] | null
}

/**
 * All tables of tokens were read from end to end for each page of a first copy, as soon as the planner
 * held that for cheaper than to look for each token (at 100,000 tokens it does): what is asked for each
 * row, it can but look up. `offset 0` keeps it from turning this one into a join.
 */
const TOKEN = '(select * from tokens where tokens.id = change.token_id offset 0)'

const CHANGE = `json_build_array(change.revision, change.token_id, change.owner,
  case when token.id is not null then json_build_array(token.owner, token.metadata, token.status,
    token.mode, token.not_before, token.expires_at, token.domains_enabled, token.ips_enabled) end,
  case when token.status <> 'revoked' then
    (select json_agg(json_build_array(list, value, subdomains, label) order by list, position)
      from entries where entries.token_id = change.token_id) end,
  (select json_agg(json_build_array(hash, ends_at))
    from secrets where secrets.token_id = change.token_id))`

const PAGE = `
  select (select value from meta where key = 'epoch') || '.' || 'meta'::regclass::oid as store,
    substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline,
    (select max(revision) from changes) as head,
    (select json_agg(${CHANGE} order by change.revision)
      from (select * from changes where revision > $1 order by revision limit $2) change
      left join lateral ${TOKEN} token on true) as changes`

/** Prepared: to plan it took three times as long as to find one change. */
function pageQuery(after: Revision, limit: number): PreparedQuery {
  return { ...CompiledQuery.raw(PAGE, [after, limit]), preparedAs: 'feed_page' }
}
