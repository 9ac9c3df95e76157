import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

/** What a table of a backup held when it was written. */
export interface SealedTable {
  readonly rows: number
  /** SHA-256 of the rows in their order, hexadecimal. */
  readonly digest: string
}

/** Of each table that is restored, by name. */
export type BackupSeal = Readonly<Record<string, SealedTable>>

/** Digests a table row by row. */
export class TableDigest {
  readonly #hash = createHash('sha256')
  #rows = 0

  /** @param values of all columns, in the order of the table. */
  add(values: readonly unknown[]): void {
    this.#hash.update(`${JSON.stringify(values)}\n`)
    this.#rows += 1
  }

  end(): SealedTable {
    return { rows: this.#rows, digest: this.#hash.digest('hex') }
  }
}

/** Where it stands in `meta`; a store that is opened loses it, for it will change. */
export const SEAL_KEY = 'seal'

/** Keeps in a backup what it holds, so that a copy that has changed since is told from a sound one. */
export function sealBackup(database: DatabaseSync, seal: BackupSeal): void {
  const keep = database.prepare('insert or replace into meta (key, value) values (?, ?)')
  keep.run(SEAL_KEY, JSON.stringify(seal))
}

/** Takes it away: what is restored will change. */
export function breakSeal(database: DatabaseSync): void {
  database.prepare('delete from meta where key = ?').run(SEAL_KEY)
}

/** Reads everything in a backup. */
export function sealOf(database: DatabaseSync): BackupSeal {
  const tables = database.prepare(TABLES).all()
  return Object.fromEntries(
    tables.map(({ name }) => [String(name), digestOf(database, String(name))]),
  )
}

/** `nodes` is of the installation, and of the minute. */
const TABLES = `select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'
  and name not in ('meta', 'schema_version', 'nodes') order by name`

function digestOf(database: DatabaseSync, table: string): SealedTable {
  const digest = new TableDigest()
  const rows = database.prepare(`select * from "${table}" order by rowid`)
  rows.setReturnArrays(true)
  for (const row of rows.iterate()) digest.add(Object.values(row))
  return digest.end()
}

/**
 * Compares a backup with what it held when it was written; one of an older Keyfence has no seal.
 * @returns the table that differs, if any does.
 */
export function tableThatDiffers(database: DatabaseSync): string | undefined {
  const kept = database.prepare('select value from meta where key = ?').get(SEAL_KEY)
  if (kept === undefined) return undefined
  const sealed = JSON.parse(String(kept['value'])) as BackupSeal // written above
  const found = sealOf(database)
  return Object.keys({ ...sealed, ...found }).find(
    (table) =>
      sealed[table]?.rows !== found[table]?.rows || sealed[table]?.digest !== found[table]?.digest,
  )
}
