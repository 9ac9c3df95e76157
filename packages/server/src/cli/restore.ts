import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../fence/clock.ts'
import { verifySqlite } from '../store/sqlite/backup-sqlite.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { isOpenElsewhere } from '../store/sqlite/read-only-sqlite.ts'
import {
  type RevivedToken,
  restoreSqlite,
  tokensRevivedBy,
} from '../store/sqlite/restore-sqlite.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { confirm } from './confirm.ts'
import { counted } from './counted.ts'
import { type PlacedRun, placed } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'
import { tableText } from './table.ts'

/** `keyfence restore`. */
export function registerRestore(program: Command, run: CommandRun): void {
  const command = program
    .command('restore')
    .description('put a backup in the place of the store; no node may run on it')
    .argument('<file>', 'what "keyfence backup" wrote')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES)
  placed(command, run, restore)
}

const EXAMPLES = `
Examples:
  keyfence restore /var/backups/keyfence-2026-11-24.db --data /var/lib/keyfence

Lists each token that is refused today and would be accepted again, and asks. The store that was there
stays beside it, as keyfence.db.before-restore. Every node reads a full copy afterwards.
Exit codes: 0 restored, 1 refused or declined, 2 wrong use, or no sound backup.`

interface RestoreOptions {
  readonly yes?: true
}

async function restore(run: PlacedRun<RestoreOptions>): Promise<ExitCode> {
  const { args, config, io, options } = run
  const [backupPath = ''] = args
  const folder = config.data
  const tokens = verifySqlite(backupPath)
  if (isOpenElsewhere(folder)) return refuseRunning(run)
  const revived = revivedBy(backupPath, folder)
  await writeText(io.stderr, revivedText(revived))
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

function revivedText(revived: readonly RevivedToken[] | undefined): string {
  if (revived === undefined) {
    return 'The store that is there cannot be read: what is refused today may be accepted again.\n'
  }
  if (revived.length === 0) return ''
  const columns = [
    { title: 'ID' },
    { title: 'NAME', mayShrink: true },
    { title: 'OWNER', mayShrink: true },
    { title: 'TODAY' },
  ]
  const rows = revived.map(({ id, name, owner, because }) => [id, name, owner, because])
  return `These are refused today and would be accepted again:\n${tableText(columns, rows)}`
}

async function isConsented({ config, io, wrongUse }: PlacedRun<RestoreOptions>): Promise<boolean> {
  if (!existsSync(join(config.data, DATABASE_FILE))) return true
  const consent = await confirm(`Replace the store in ${printable(config.data)}?`, io)
  if (consent === 'nobody') wrongUse('restoring replaces the store: say --yes')
  if (consent === 'no') await writeText(io.stderr, 'Nothing was restored.\n')
  return consent === 'yes'
}
