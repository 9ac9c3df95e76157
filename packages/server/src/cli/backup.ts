import type { Command } from 'commander'
import { backupSqlite } from '../store/sqlite/backup-sqlite.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { counted } from './counted.ts'
import { type PlacedRun, placed } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'
import { progressOn } from './progress.ts'

/** `keyfence backup`. */
export function registerBackup(program: Command, run: CommandRun): void {
  const command = program
    .command('backup')
    .description('copy the whole store into one file, while Keyfence runs')
    .argument('<file>', 'where to; it must not be there yet')
    .addHelpText('after', EXAMPLES)
  placed(command, run, backUp)
}

const EXAMPLES = `
Examples:
  keyfence backup /var/backups/keyfence-$(date +%F).db --data /var/lib/keyfence

The copy is verified before it gets its name, and readable by its owner alone.`

async function backUp({ args, config, io, options }: PlacedRun<object>): Promise<ExitCode> {
  const [target = ''] = args
  const progress = progressOn(io)
  const { tokens } = await backupSqlite({
    folder: config.data,
    target,
    progress: ({ donePages, totalPages }) => progress.at(`${donePages} of ${totalPages} pages`),
  })
  progress.end()
  if (options.json) await writeJson(io.stdout, { file: target, tokens })
  else
    await writeText(
      io.stdout,
      printable(`${counted(tokens, 'token is', 'tokens are')} safe in ${target}`) + '\n',
    )
  return 0
}
