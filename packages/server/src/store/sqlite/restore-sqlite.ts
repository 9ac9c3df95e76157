import type { EpochMs } from '@keyfence/core'
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RandomBytes } from '../../identifier/identifier.ts'
import { verifySqlite } from './backup-sqlite.ts'
import { DATABASE_FILE } from './database-file.ts'

/** A token that is refused today and would be accepted again after a restore. */
export interface RevivedToken {
  readonly id: string
  readonly name: string
  readonly owner: string
  /** What happened to it since the backup. */
  readonly because: 'revoked' | 'disabled' | 'deleted' | 'rotated' | 'expired'
}

/**
 * Which tokens the backup would bring back to life.
 * @throws StoreError if the backup is not sound; what SQLite throws if the store itself is not.
 */
export function tokensRevivedBy(
  backupPath: string,
  { folder, now }: { readonly folder: string; readonly now: EpochMs },
): readonly RevivedToken[] {
  verifySqlite(backupPath)
  const current = join(folder, DATABASE_FILE)
  if (!existsSync(current)) return []
  const database = new DatabaseSync(current, { readOnly: true })
  try {
    database.prepare('attach database ? as copy').run(backupPath)
    return database.prepare(REVIVED).all({ now }) as unknown as RevivedToken[] // what the query selects
  } finally {
    database.close()
  }
}

/** A secret that lives in the copy, and does not live now or not as long, though its hash is known. */
const REVIVED = `
  select distinct then_token.id, then_token.name, then_token.owner,
    case
      when now_token.id is null then 'deleted'
      when now_token.status <> 'active' then now_token.status
      when now_token.expires_at <= :now then 'expired'
      else 'rotated'
    end as because
  from copy.secrets as then_secret
  join copy.tokens as then_token on then_token.id = then_secret.token_id
  join main.secrets as now_secret on now_secret.hash = then_secret.hash
  left join main.tokens as now_token on now_token.id = now_secret.token_id
  where then_token.status = 'active'
    and (then_token.expires_at is null or then_token.expires_at > :now)
    and (then_secret.ends_at is null or then_secret.ends_at > :now)
    and (now_token.id is null or now_token.status <> 'active' or now_token.expires_at <= :now
      or (now_secret.ends_at is not null
        and (then_secret.ends_at is null or now_secret.ends_at < then_secret.ends_at)))
  order by then_token.id`

/**
 * Puts a backup in the place of the store; Keyfence must not run on the folder. The store that was
 * there stays beside it. The feed gets a new epoch, so that every node reads a full copy; sessions and
 * links of then are not among what comes back, for they may have ended since.
 * @returns where the former store is, `undefined` if there was none.
 */
export function restoreSqlite(options: {
  readonly backupPath: string
  readonly folder: string
  readonly random: RandomBytes
}): string | undefined {
  verifySqlite(options.backupPath)
  const current = join(options.folder, DATABASE_FILE)
  const incoming = `${current}.restoring`
  copyFileSync(options.backupPath, incoming)
  chmodSync(incoming, 0o600)
  const database = new DatabaseSync(incoming)
  database
    .prepare("update meta set value = ? where key = 'epoch'")
    .run(Buffer.from(options.random(16)).toString('hex'))
  for (const table of TABLES_OF_THE_MOMENT) forget(database, table)
  database.exec('pragma wal_checkpoint(truncate); pragma journal_mode = delete')
  database.close()
  const former = existsSync(current) ? setAside(current) : undefined
  renameSync(incoming, current)
  return former
}

const TABLES_OF_THE_MOMENT = [
  'sessions',
  'sign_in_links',
  'portal_sessions',
  'portal_links',
] as const

/** A backup may be older than the table. */
function forget(database: DatabaseSync, table: (typeof TABLES_OF_THE_MOMENT)[number]): void {
  const found = database.prepare("select 1 from sqlite_master where type = 'table' and name = ?")
  if (found.get(table) !== undefined) database.exec(`delete from ${table}`)
}

/** Moves the store away whole: what is still in its write-ahead log goes into the file first. */
function setAside(current: string): string {
  foldLog(current)
  const former = `${current}.before-restore`
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${former}${suffix}`, { force: true })
    if (existsSync(current + suffix)) renameSync(current + suffix, former + suffix)
  }
  return former
}

/** A store that is too damaged for that is what backups are for: its log is moved as it is. */
function foldLog(current: string): void {
  const database = new DatabaseSync(current)
  try {
    database.exec('pragma wal_checkpoint(truncate)')
  } catch {
    // Moved as it is.
  } finally {
    database.close()
  }
}
