import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RandomBytes } from '../../identifier/identifier.ts'
import { StoreError } from '../store-error.ts'
import { DATABASE_FILE } from './database-file.ts'
import { openSqlite } from './open-sqlite.ts'
import { schemaAge } from './read-only-sqlite.ts'

/**
 * Lends a backup as one of this version: an older one is brought up to date in a copy.
 * @throws StoreError if it is of a newer Keyfence
 */
export async function withCurrentBackup<Result>(
  { backupPath, random }: { readonly backupPath: string; readonly random: RandomBytes },
  work: (currentPath: string) => Promise<Result>,
): Promise<Result> {
  const age = ageOf(backupPath)
  if (age === 'current') return work(backupPath)
  if (age === 'newer') throw NEWER
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-restore-'))
  try {
    const copy = join(folder, DATABASE_FILE)
    copyFileSync(backupPath, copy)
    await (await openSqlite({ folder, random, progress: () => {} })).close()
    return await work(copy)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const NEWER = new StoreError(
  'schema_newer',
  'The backup was written by a newer Keyfence: restore it with that one.',
)

function ageOf(backupPath: string): ReturnType<typeof schemaAge> {
  const database = new DatabaseSync(backupPath, { readOnly: true })
  try {
    return schemaAge(database)
  } finally {
    database.close()
  }
}
