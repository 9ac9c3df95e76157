import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../fence/clock.ts'
import { verifySqlite } from '../store/sqlite/backup-sqlite.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { isOpenElsewhere } from '../store/sqlite/read-only-sqlite.ts'
import { restoreSqlite, tokensRevivedBy } from '../store/sqlite/restore-sqlite.ts'
import type { RevivedToken } from '../store/sqlite/revived-tokens.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { confirm } from './confirm.ts'
import { counted } from './counted.ts'
import { type PlacedRun, placedAtStore } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'
import { restoreDatabase, type RestoreOptions } from './restore-database.ts'
import { revivedText } from './revived-text.ts'

/** `keyfence restore`. */
export function registerRestore(program: Command, run: CommandRun): void {
  const command = program
    .command('restore')
    .description('put a backup in the place of the store; on a data folder no node may run')
    .argument('<file>', 'what "keyfence backup" wrote')
    .option('--replace', 'into a database that is in use: take away what is there')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES)
  placedAtStore(command, run, restore)
}

const EXAMPLES = `
Examples:
  keyfence restore /var/backups/keyfence-2026-11-24.db --data /var/lib/keyfence
  KEYFENCE_DATABASE_URL=postgres://… keyfence restore /var/backups/keyfence-2026-11-24.db --replace

Lists each token that is refused today and would be accepted again, and asks. Every node reads a full copy
afterwards. In a folder the store that was there stays beside it, as keyfence.db.before-restore. In a
database nothing of it stays: one that is in use is replaced with --replace alone, in one transaction,
while nodes may run.
Exit codes: 0 restored, 1 refused or declined, 2 wrong use, or no sound backup.`

async function restore(run: PlacedRun<RestoreOptions>): Promise<ExitCode> {
  const { args, config, io, options } = run
  const [backupPath = ''] = args
  if (config.databaseUrl !== undefined) return restoreDatabase(run, config.databaseUrl)
  const folder = config.data
  const tokens = verifySqlite(backupPath)
  if (isOpenElsewhere(folder)) return refuseRunning(run)
  const revived = revivedBy(backupPath, folder)
  await writeText(io.stderr, revived === undefined ? UNREADABLE : revivedText(revived))
  if (!options.yes && !(await isConsented(run))) return 1
  // Somebody may have started one while the question stood there.
  if (isOpenElsewhere(folder)) return refuseRunning(run)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const former = restoreSqlite({ backupPath, folder, random: randomBytes })
  if (options.json)
    await writeJson(io.stdout, { tokens, revived: revived ?? null, former: former ?? null })
  else {
    const beside = former === undefined ? '' : ` The store that was there is ${printable(former)}.`
    await writeText(io.stdout, `${counted(tokens, 'token')} restored.${beside}\n`)
  }
  return 0
}

const UNREADABLE =
  'The store that is there cannot be read: what is refused today may be accepted again.\n'

async function refuseRunning({ config, io }: PlacedRun<RestoreOptions>): Promise<ExitCode> {
  const place = printable(config.data)
  await writeText(io.stderr, `Keyfence runs on ${place}, or a command does. Stop it first.\n`)
  return 1
}

/** `undefined`: the store that is there cannot be read, which is a reason to restore. */
function revivedBy(backupPath: string, folder: string): readonly RevivedToken[] | undefined {
  try {
    return tokensRevivedBy(backupPath, { folder, now: systemClock.now() })
  } catch {
    return undefined
  }
}

async function isConsented({ config, io, wrongUse }: PlacedRun<RestoreOptions>): Promise<boolean> {
  if (!existsSync(join(config.data, DATABASE_FILE))) return true
  const consent = await confirm(`Replace the store in ${printable(config.data)}?`, io)
  if (consent === 'nobody') wrongUse('restoring replaces the store: say --yes')
  if (consent === 'no') await writeText(io.stderr, 'Nothing was restored.\n')
  return consent === 'yes'
}
