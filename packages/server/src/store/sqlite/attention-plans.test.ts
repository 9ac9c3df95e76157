import { CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Attention } from '../../token/attention.ts'
import { migrate } from '../kysely/migrations/migrate.ts'
import type { Schema } from '../kysely/schema.ts'
import { tokenCount } from '../kysely/token-list.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

let db: Kysely<Schema>
const asked: CompiledQuery[] = []
beforeAll(async () => {
  db = new Kysely<Schema>({
    dialect: sqliteDialect(':memory:'),
    log: ({ query }) => {
      asked.push(query)
    },
  })
  await migrate(db, () => {})
})
afterAll(() => db.destroy())

test.each<{ kind: Attention; search: RegExp }>([
  { kind: 'unrestricted', search: /COVERING INDEX tokens_unrestricted \(status=\?/ },
  { kind: 'expiring', search: /COVERING INDEX tokens_expiring \(status=\? AND expires_at</ },
  { kind: 'unused', search: /COVERING INDEX tokens_unused \(status=\? AND <expr></ },
  { kind: 'refused', search: /SEARCH tokens USING INDEX sqlite_autoindex_tokens_1 \(id=\?/ },
])('$kind tokens are found by what an index begins with', async ({ kind, search }) => {
  asked.length = 0
  await tokenCount(db, { attention: { kind, now: 0 } }, 10)
  const [query] = asked
  const explained = CompiledQuery.raw(`explain query plan ${query?.sql}`, [
    ...(query?.parameters ?? []),
  ])
  const { rows } = await db.executeQuery<{ readonly detail: string }>(explained)
  expect(rows.map(({ detail }) => detail).join('\n')).toMatch(search)
})
