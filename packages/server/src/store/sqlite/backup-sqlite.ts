import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store-error.ts'
import { sealBackup, sealOf, tableThatDiffers } from './backup-seal.ts'
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
  const source = openExisting(join(options.folder, DATABASE_FILE))
  try {
    const tokens = await writeBackup(target, async (partial) => {
      await backup(source, partial, {
        rate: PAGES_PER_STEP,
        progress: ({ remainingPages, totalPages }) =>
          progress({ donePages: totalPages - remainingPages, totalPages }),
      })
      await changeFile(partial, (database) => sealBackup(database, sealOf(database)))
    })
    return { tokens }
  } finally {
    source.close()
  }
}

/**
 * Makes a backup in a file that gets its name when it is whole and verified.
 * @param write fills the file of this name, which is there and its owner's alone.
 * @returns how many tokens it holds.
 * @throws StoreError if `target` exists, or what was written is not sound.
 */
export async function writeBackup(
  target: string,
  write: (partial: string) => Promise<void>,
): Promise<number> {
  if (existsSync(target)) {
    throw new StoreError('store_unavailable', `${target} exists already. Name another file.`)
  }
  const partial = `${target}.partial`
  const remove = (): void => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(partial + suffix, { force: true })
  }
  try {
    // Made here first, so that nobody else can read the hashes, not even for a moment.
    remove()
    closeSync(openSync(partial, 'wx', 0o600))
    await write(partial)
    const tokens = verifySqlite(partial)
    renameSync(partial, target)
    return tokens
  } finally {
    remove()
  }
}

/**
 * Changes a file out of use, whole or not at all. It leaves WAL mode, in which a copy would get two files
 * beside it whenever it is read, and need a folder to write.
 */
export async function changeFile(
  path: string,
  change: (database: DatabaseSync) => Promise<void> | void,
): Promise<void> {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma journal_mode = delete')
    database.exec('begin')
    await change(database)
    database.exec('commit')
  } finally {
    database.close()
  }
}

/**
 * Checks that a file is a sound store, and, if it is a backup, as it was written.
 * @returns how many tokens it holds.
 * @throws StoreError if it is none.
 */
export function verifySqlite(path: string): number {
  const database = openExisting(path)
  try {
    const check = database.prepare('pragma integrity_check').get() as { integrity_check: string }
    if (check.integrity_check !== 'ok') throw new Error(check.integrity_check)
    const table = tableThatDiffers(database)
    if (table !== undefined) throw new Error(`${table} is not as it was written`)
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
