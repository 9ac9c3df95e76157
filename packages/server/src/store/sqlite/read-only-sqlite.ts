import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from '../kysely/migrations/migrations.ts'
import { StoreError } from '../store-error.ts'
import { DATABASE_FILE } from './database-file.ts'

/**
 * Opens the store of a data folder for reading, beside a node that may run on it.
 * @throws StoreError if there is none.
 */
export function openReadOnly(folder: string): DatabaseSync {
  const path = join(folder, DATABASE_FILE)
  if (!existsSync(path)) {
    throw new StoreError('store_unavailable', `There is no Keyfence in ${folder}: name its --data.`)
  }
  return new DatabaseSync(path, { readOnly: true })
}

/** How old the schema is against this program's. */
export function schemaAge(database: DatabaseSync): 'older' | 'current' | 'newer' {
  const version = schemaVersionOf(database)
  if (version === MIGRATIONS.length) return 'current'
  return version < MIGRATIONS.length ? 'older' : 'newer'
}

/** How many migrations it has had. */
export function schemaVersionOf(database: DatabaseSync): number {
  const row = database.prepare('select max(version) as version from schema_version').get()
  return Number(row?.['version'] ?? 0)
}

/** Whether another process has the store open, a node above all. */
export function isOpenElsewhere(folder: string): boolean {
  const path = join(folder, DATABASE_FILE)
  if (!existsSync(path)) return false
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma busy_timeout = 0')
    // Leaving WAL takes the file for itself alone, and every open connection holds a share of it.
    database.exec('pragma journal_mode = delete; pragma journal_mode = wal')
    return false
  } catch (error) {
    // Whatever else it is, a damaged store say, nobody holds it.
    return String(error).includes('locked')
  } finally {
    database.close()
  }
}
