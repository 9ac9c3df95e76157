import { randomBytes } from 'node:crypto'
import { parseDatabaseUrl } from '../packages/server/src/config/database-url.ts'
import { openPostgres } from '../packages/server/src/store/postgres/open-postgres.ts'
import type { RunningPostgres } from '../packages/server/src/store/postgres/running-postgres.ts'
import { OWNER_COUNT } from './filled-store.ts'

/**
 * Makes a store in a new database, with the tokens that `fillStore` makes in a folder: the same ids,
 * secrets, lists and audit log. By SQL, because that is quick; vacuumed and analysed, as the server does
 * it by and by. @returns its URL
 */
export async function fillDatabase(server: RunningPostgres, tokenCount: number): Promise<string> {
  const url = await server.createDatabase()
  const place = parseDatabaseUrl(url)
  if (!place.ok) throw new TypeError(place.problem)
  const limits = { connectionsMax: 1, timeoutMs: 10_000 }
  const options = { place: place.value, limits, random: randomBytes, progress: () => {} }
  await (await openPostgres(options)).close()
  const indexes = await dropIndexes(server, url)
  for (const sql of inserts(tokenCount)) await server.run(url, sql)
  // Built at the end, an index costs a fraction of what it costs row by row.
  for (const sql of indexes) await server.run(url, sql)
  await server.run(url, 'vacuum analyze')
  await server.run(url, 'checkpoint')
  return url
}

/** All but those that keep keys unique. @returns the statements that make them again */
async function dropIndexes(server: RunningPostgres, url: string): Promise<readonly string[]> {
  const rows = await server.run(
    url,
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as sql
      from pg_index join pg_class on pg_class.oid = indrelid
      where relnamespace = 'public'::regnamespace and not indisunique`,
  )
  for (const { name } of rows) await server.run(url, `drop index ${String(name)}`)
  return rows.map(({ sql }) => String(sql))
}

function inserts(tokenCount: number): readonly string[] {
  const each = `from generate_series(0, ${tokenCount - 1}) n`
  const uuid = `'019a2b3c-0000-7000-8000-' || lpad(to_hex(n), 12, '0')`
  const id = `'tok_' || ${uuid}`
  const owner = `'owner-' || n % ${OWNER_COUNT}`
  return [
    `insert into tokens select ${id}, 'shop ' || n, ${owner}, 'kf_…0000', '{"plan":"pro"}', 0, null,
      null, null, case when n % 1000 = 998 then 'revoked' else 'active' end, 'enforce', 1, 0, 1 ${each}`,
    `insert into entries select ${id}, listed.* ${each}, lateral (values
      ('domains', 0, 'shop-' || n % 50000 || '.example', 1, 'shop'),
      ('domains', 1, 'staging.example.com', 0, ''),
      ('ips', 0, '8.' || n % 200 || '.' || n % 250 || '.1', 0, '')) listed`,
    // In the order of their hashes, which is that of the key.
    `insert into secrets select encode(sha256(convert_to('token-' || n, 'UTF8')), 'hex') as hash,
      ${id}, 0, null ${each} order by hash`,
    `insert into changes (token_id, created_at, owner) select ${id}, 0, ${owner} ${each} order by n`,
    `insert into audit select 'aud_' || ${uuid}, 0, 'operator', 'token.create', ${id}, ${owner}, '{}' ${each}`,
  ]
}
