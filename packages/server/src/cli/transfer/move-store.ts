import { type MovedRows, moveFromSqlite } from '../../store/postgres/move-from-sqlite.ts'
import type { ExitCode } from '../command.ts'
import { counted } from '../counted.ts'
import type { PlacedRun } from '../managed.ts'
import { writeJson, writeText } from '../output.ts'
import { progressOn } from '../progress.ts'
import { factsText } from '../table.ts'

/** What a move is told. */
export interface MoveStoreOptions {
  readonly from: string
  readonly dryRun?: true
  readonly skipKnown?: true
}

const FROM = /^sqlite:(?<folder>.+)$/

/** `keyfence import --from sqlite:FOLDER`. */
export async function moveStore(run: PlacedRun<MoveStoreOptions>): Promise<ExitCode> {
  const { args, options, config, io, wrongUse } = run
  const folder = FROM.exec(options.from)?.groups?.['folder']
  if (folder === undefined) return wrongUse('write --from sqlite:FOLDER, the data folder to move')
  if (args.length > 0 || options.dryRun || options.skipKnown) {
    return wrongUse('--from moves a whole installation: it goes with no file and no other option')
  }
  if (config.databaseUrl === undefined) {
    return wrongUse('set KEYFENCE_DATABASE_URL to the database that it moves into')
  }
  const progress = progressOn(io)
  const rows = await moveFromSqlite({
    folder,
    place: config.databaseUrl,
    progress: (moved, total) => progress.at(`${moved} of ${total} rows`),
  })
  progress.end()
  if (options.json) await writeJson(io.stdout, { rows })
  else await writeText(io.stdout, movedText(rows))
  return 0
}

function movedText(rows: MovedRows): string {
  const counts = Object.entries(rows).map(([table, count]) => [table, String(count)] as const)
  const total = counted(
    Object.values(rows).reduce((sum, count) => sum + count, 0),
    'row',
  )
  return `${factsText(counts)}${total} moved, and as many in the database as in the folder.\n`
}
