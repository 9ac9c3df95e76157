import { CompiledQuery, type Kysely } from 'kysely'
import { type FeedReader, NO_REVISION, type Revision } from '../../fence/change-feed.ts'
import { type ChangeParts, changeOf } from '../kysely/change-parts.ts'
import type { Schema } from '../kysely/schema.ts'

/** The feed in one answer. Revisions are taken under the write lock, so none appears late. */
export function sqliteFeed(db: Kysely<Schema>): FeedReader {
  return {
    read: async (after, limit) => {
      const { rows } = await db.executeQuery<PageRow>(CompiledQuery.raw(PAGE, [after, limit]))
      const [page] = rows
      const changes = JSON.parse(page?.changes ?? '[]') as readonly ChangeParts[] // as made below
      return {
        epoch: page?.epoch ?? '',
        head: (page?.head ?? NO_REVISION) as Revision, // a column that counts
        changes: changes.map(changeOf),
      }
    },
  }
}

interface PageRow {
  readonly epoch: string | null
  readonly head: number | null
  /** JSON. */
  readonly changes: string
}

/** A column of text, whatever a damaged file has there: JSON holds no octets, and a page would fail. */
const text = (column: string): string => `cast(${column} as text)`

/** The same of numbers, which must not become one that says something. */
const number = (column: string): string => `iif(typeof(${column}) = 'blob', 'octets', ${column})`

/**
 * Entries are ordered before they are gathered, so that an index gives them their order; gathered in an
 * order of its own, each list is sorted, and a page took 1.4 times as long.
 */
const PAGE = `
  select (select value from meta where key = 'epoch') as epoch,
    (select max(revision) from changes) as head,
    (select json_group_array(json_array(change.revision, ${text('change.token_id')},
      ${text('change.owner')},
      case when token.id is not null then json_array(${text('token.owner')},
        ${text('token.metadata')}, ${text('token.status')}, ${text('token.mode')},
        ${number('token.not_before')}, ${number('token.expires_at')},
        ${number('token.domains_enabled')}, ${number('token.ips_enabled')}) end,
      case when token.status <> 'revoked' then
        (select json_group_array(json_array(${text('list')}, ${text('value')},
            ${number('subdomains')}, ${text('label')}))
          from (select * from entries where token_id = change.token_id order by list, position))
        end,
      (select json_group_array(json_array(${text('hash')}, ${number('ends_at')}))
        from secrets where token_id = change.token_id)) order by change.revision)
      from (select * from changes where revision > ? order by revision limit ?) change
      left join tokens token on token.id = change.token_id) as changes`
