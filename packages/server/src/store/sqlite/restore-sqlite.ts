import type { EpochMs } from '@keyfence/core'
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RandomBytes } from '../../identifier/identifier.ts'
import { verifySqlite } from './backup-sqlite.ts'
import { breakSeal } from './backup-seal.ts'
import { DATABASE_FILE } from './database-file.ts'
import { type RevivedToken, revivedTokens } from './revived-tokens.ts'

/**
 * Which tokens a sound backup would bring back to life.
 * @throws what SQLite throws if the store itself is not sound.
 */
export function tokensRevivedBy(
  backupPath: string,
  { folder, now }: { readonly folder: string; readonly now: EpochMs },
): readonly RevivedToken[] {
  const current = join(folder, DATABASE_FILE)
  if (!existsSync(current)) return []
  const database = new DatabaseSync(current, { readOnly: true })
  try {
    return revivedTokens(database, { backupPath, now })
  } finally {
    database.close()
  }
}

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
  breakSeal(database)
  // Nodes of then are not those that will share what comes back.
  for (const table of [...TABLES_OF_THE_MOMENT, 'nodes']) forget(database, table)
  database.exec('pragma wal_checkpoint(truncate); pragma journal_mode = delete')
  database.close()
  const former = existsSync(current) ? setAside(current) : undefined
  renameSync(incoming, current)
  return former
}

/** What may have ended since a backup was made, and does not come back with it. */
export const TABLES_OF_THE_MOMENT = [
  'sessions',
  'sign_in_links',
  'portal_sessions',
  'portal_links',
] as const

/** A backup may be older than the table. */
function forget(database: DatabaseSync, table: string): void {
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
