import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store-error.ts'
import { DATABASE_FILE } from './database-file.ts'

/** How far a copy is, in pages of the database. */
export interface BackupProgress {
  readonly donePages: number
  readonly totalPages: number
}

const PAGES_PER_STEP = 512

/**
 * Copies the store of a data folder into one file while Keyfence runs, and verifies the copy before
 * it gets its name: a file called `target` is always whole.
 * @returns how many tokens the copy holds.
 * @throws StoreError if there is no store, `target` exists, or the copy is not sound.
 */
export async function backupSqlite(options: {
  readonly folder: string
  readonly target: string
  readonly progress: (progress: BackupProgress) => void
}): Promise<{ readonly tokens: number }> {
  const { target, progress } = options
  if (existsSync(target)) {
    throw new StoreError('store_unavailable', `${target} exists already. Name another file.`)
  }
  const source = openExisting(join(options.folder, DATABASE_FILE))
  const partial = `${target}.partial`
  try {
    // Made here first, so that nobody else can read the hashes, not even for a moment.
    rmSync(partial, { force: true })
    closeSync(openSync(partial, 'wx', 0o600))
    await backup(source, partial, {
      rate: PAGES_PER_STEP,
      progress: ({ remainingPages, totalPages }) =>
        progress({ donePages: totalPages - remainingPages, totalPages }),
    })
    leaveWal(partial)
    const tokens = verifySqlite(partial)
    renameSync(partial, target)
    return { tokens }
  } finally {
    source.close()
    rmSync(partial, { force: true })
  }
}

/** A copy in WAL mode would get two files beside it whenever it is read, and need a folder to write. */
function leaveWal(path: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma journal_mode = delete')
  } finally {
    database.close()
  }
}

/**
 * Checks that a file is a sound store.
 * @returns how many tokens it holds.
 * @throws StoreError if it is none.
 */
export function verifySqlite(path: string): number {
  const database = openExisting(path)
  try {
    const check = database.prepare('pragma integrity_check').get() as { integrity_check: string }
    if (check.integrity_check !== 'ok') throw new Error(check.integrity_check)
    const { tokens } = database.prepare('select count(*) as tokens from tokens').get() as {
      tokens: number
    }
    return tokens
  } catch (cause) {
    throw new StoreError('store_unavailable', `${path} is no sound store: ${String(cause)}`, {
      cause,
    })
  } finally {
    database.close()
  }
}

function openExisting(path: string): DatabaseSync {
  if (!existsSync(path)) {
    throw new StoreError('store_unavailable', `There is no store at ${path}. Give its data folder.`)
  }
  return new DatabaseSync(path, { readOnly: true })
}
