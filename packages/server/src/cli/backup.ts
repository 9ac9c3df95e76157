import type { Command } from 'commander'
import { backupPostgres } from '../store/postgres/backup-postgres.ts'
import { backupSqlite } from '../store/sqlite/backup-sqlite.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { counted } from './counted.ts'
import { type PlacedRun, placedAtStore } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'
import { type Progress, progressOn } from './progress.ts'

/** `keyfence backup`. */
export function registerBackup(program: Command, run: CommandRun): void {
  const command = program
    .command('backup')
    .description('copy the whole store into one file, while Keyfence runs')
    .argument('<file>', 'where to; it must not be there yet')
    .addHelpText('after', EXAMPLES)
  placedAtStore(command, run, backUp)
}

const EXAMPLES = `
Examples:
  keyfence backup /var/backups/keyfence-$(date +%F).db --data /var/lib/keyfence
  KEYFENCE_DATABASE_URL=postgres://… keyfence backup /var/backups/keyfence-$(date +%F).db

All of it is as of one moment. The copy is verified before it gets its name, and readable by its owner
alone. One of a database is of the same kind, and can be restored into a folder; one of a folder into a
database.`

async function backUp(run: PlacedRun<object>): Promise<ExitCode> {
  const { args, io, options } = run
  const [target = ''] = args
  const progress = progressOn(io)
  const { tokens } = await copyStore({ run, target, progress })
  progress.end()
  if (options.json) await writeJson(io.stdout, { file: target, tokens })
  else
    await writeText(
      io.stdout,
      printable(`${counted(tokens, 'token is', 'tokens are')} safe in ${target}`) + '\n',
    )
  return 0
}

interface StoreCopy {
  readonly run: PlacedRun<object>
  readonly target: string
  readonly progress: Progress
}

function copyStore({ run, target, progress }: StoreCopy): Promise<{ readonly tokens: number }> {
  const { data: folder, databaseUrl: place, databaseTimeoutMs: timeoutMs } = run.config
  if (place === undefined) {
    return backupSqlite({
      folder,
      target,
      progress: ({ donePages, totalPages }) => progress.at(`${donePages} of ${totalPages} pages`),
    })
  }
  return backupPostgres({
    place,
    limits: { connectionsMax: 1, timeoutMs },
    target,
    progress: (done, total) => progress.at(`${done} of ${total} rows`),
  })
}
