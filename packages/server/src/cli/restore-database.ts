import { randomBytes } from 'node:crypto'
import { type DatabasePlace, formatDatabaseUrl } from '../config/database-url.ts'
import { systemClock } from '../fence/clock.ts'
import { restorePostgres } from '../store/postgres/restore-postgres.ts'
import { type ReplacedStore, storeReplacedBy } from '../store/postgres/revived-here.ts'
import { withCurrentBackup } from '../store/sqlite/current-backup.ts'
import { verifySqlite } from '../store/sqlite/backup-sqlite.ts'
import type { ExitCode } from './command.ts'
import { confirm } from './confirm.ts'
import { counted } from './counted.ts'
import type { PlacedRun } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'
import { progressOn } from './progress.ts'
import { revivedText } from './revived-text.ts'

/** What a restore is told. */
export interface RestoreOptions {
  readonly replace?: true
  readonly yes?: true
}

/** `keyfence restore` into the database that the settings name. */
export async function restoreDatabase(
  run: PlacedRun<RestoreOptions>,
  place: DatabasePlace,
): Promise<ExitCode> {
  const [backupPath = ''] = run.args
  const tokens = verifySqlite(backupPath)
  return withCurrentBackup({ backupPath, random: randomBytes }, (currentPath) =>
    restoreCurrent({ run, place, backupPath: currentPath, tokens }),
  )
}

interface Restoring {
  readonly run: PlacedRun<RestoreOptions>
  readonly place: DatabasePlace
  readonly backupPath: string
  readonly tokens: number
}

async function restoreCurrent(restoring: Restoring): Promise<ExitCode> {
  const { run, place, backupPath, tokens } = restoring
  const { io, options, config } = run
  const now = systemClock.now()
  const limits = { connectionsMax: 1, timeoutMs: config.databaseTimeoutMs }
  const replaced = await storeReplacedBy(backupPath, { place, limits, now })
  if (!(await mayReplace(restoring, replaced))) return 1
  const revived = replaced.kind === 'used' ? replaced.revived : []
  const progress = progressOn(io)
  await restorePostgres({
    backupPath,
    place,
    random: randomBytes,
    now,
    consented: revived,
    progress: (done, total) => progress.at(`${done} of ${total} rows`),
  })
  progress.end()
  if (options.json) await writeJson(io.stdout, { tokens, revived, former: null })
  else await writeText(io.stdout, `${counted(tokens, 'token')} restored.\n`)
  return 0
}

/** What is in a database does not stay beside the backup as a folder's store does, so that one word is not enough. */
async function mayReplace({ run, place }: Restoring, replaced: ReplacedStore): Promise<boolean> {
  if (replaced.kind === 'empty') return true
  const { io, options, wrongUse } = run
  const name = printable(formatDatabaseUrl(place))
  if (!options.replace) {
    const remedy = 'Make a backup of it, then say --replace; or name an empty one.'
    await writeText(io.stderr, `${name} is in use, and nothing of it would be left. ${remedy}\n`)
    return false
  }
  await writeText(io.stderr, revivedText(replaced.revived))
  if (options.yes) return true
  const consent = await confirm(`Replace everything in ${name}?`, io)
  if (consent === 'nobody') wrongUse('restoring replaces the store: say --yes')
  if (consent === 'no') await writeText(io.stderr, 'Nothing was restored.\n')
  return consent === 'yes'
}
