import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqlite } from '../packages/server/src/store/sqlite/open-sqlite.ts'

/** How many owners share the tokens of a filled store. */
export const OWNER_COUNT = 10_000

/**
 * Makes a store with so many tokens, as a provider might have them: two domains and an address each,
 * and a line of the audit log. One in a thousand is revoked. By SQL, because that is quick.
 */
export async function fillStore(folder: string, tokenCount: number): Promise<void> {
  const store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
  await store.close()
  const database = new DatabaseSync(join(folder, 'keyfence.db'))
  database.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144')
  const indexes = dropIndexes(database)
  database.exec('begin')
  const insert = inserts(database)
  for (let at = 0; at < tokenCount; at++) insert(at)
  insertSecrets(database, tokenCount)
  // Built at the end, an index costs a fraction of what it costs row by row.
  for (const sql of indexes) database.exec(sql)
  database.exec('commit; pragma journal_mode = wal')
  database.close()
}

/** A token of a filled store as its holder sends it. */
export function storedToken(at: number): string {
  return `token-${at}`
}

/** A domain that is listed for it. */
export function storedDomain(at: number): string {
  return `shop-${at % 50_000}.example`
}

/** The id of a token of a filled store: one of ours, in the order in which they were filled in. */
export function storedTokenId(at: number): string {
  return `tok_${uuidOf(at)}`
}

/** @returns the statements that make them again */
function dropIndexes(database: DatabaseSync): readonly string[] {
  const query = `select name, sql from sqlite_master where type = 'index' and sql is not null`
  return database
    .prepare(query)
    .all()
    .map(({ name, sql }) => {
      database.exec(`drop index ${String(name)}`)
      return String(sql)
    })
}

/** In the order of their hashes, which is that of the table's pages. */
function insertSecrets(database: DatabaseSync, tokenCount: number): void {
  const secret = database.prepare('insert into secrets values (?, ?, 0, null)')
  const hashes = Array.from({ length: tokenCount }, (_, at) => ({
    at,
    hash: hash('sha256', storedToken(at)),
  })).toSorted((one, other) => (one.hash < other.hash ? -1 : 1))
  for (const { at, hash: ofToken } of hashes) secret.run(ofToken, storedTokenId(at))
}

function inserts(database: DatabaseSync): (at: number) => void {
  const token = database.prepare(
    `insert into tokens values (?, ?, ?, 'kf_…0000', '{"plan":"pro"}', 0, null, null, null, ?, 'enforce', 1, 0, 1)`,
  )
  const entry = database.prepare('insert into entries values (?, ?, ?, ?, ?, ?)')
  const change = database.prepare('insert into changes (token_id, created_at) values (?, 0)')
  const audit = database.prepare(
    `insert into audit values (?, 0, 'operator', 'token.create', ?, ?, '{}')`,
  )
  return (at) => {
    const id = storedTokenId(at)
    const owner = `owner-${at % OWNER_COUNT}`
    token.run(id, `shop ${at}`, owner, at % 1000 === 998 ? 'revoked' : 'active')
    entry.run(id, 'domains', 0, storedDomain(at), 1, 'shop')
    entry.run(id, 'domains', 1, 'staging.example.com', 0, '')
    entry.run(id, 'ips', 0, `8.${at % 200}.${at % 250}.1`, 0, '')
    change.run(id)
    audit.run(`aud_${uuidOf(at)}`, id, owner)
  }
}

/** A UUIDv7 of a moment in the past. */
function uuidOf(at: number): string {
  return `019a2b3c-0000-7000-8000-${at.toString(16).padStart(12, '0')}`
}
