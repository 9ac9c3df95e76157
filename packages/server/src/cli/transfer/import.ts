import type { Command } from 'commander'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { apiSettings } from '../../node/node-settings.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { counted } from '../counted.ts'
import { type ManagedRun, managed } from '../managed.ts'
import { writeJson, writeText } from '../output.ts'
import { printable } from '../printable.ts'
import { progressOn } from '../progress.ts'
import { reportRefusal } from '../refusal.ts'
import { moveStore } from './move-store.ts'
import { type ReadImport, readImport } from './read-import.ts'
import { type LineNote, type SentImport, sendImport } from './send-import.ts'

/** `keyfence import`. */
export function registerImport(program: Command, run: CommandRun): void {
  const command = program
    .command('import')
    .description('take in existing keys from JSON Lines, plain or as their SHA-256')
    .argument('[file]', 'the lines; - is standard input')
    .option('--from <STORE>', 'sqlite:FOLDER: move a whole installation into KEYFENCE_DATABASE_URL')
    .option('--dry-run', 'check every line and send none')
    .option('--skip-known', 'pass over keys that are known already: to go on where it stopped')
    .addHelpText('after', EXAMPLES)
  managed(command, run, importTokens)
}

interface ImportOptions {
  readonly from?: string
  readonly dryRun?: true
  readonly skipKnown?: true
}

const EXAMPLES = `
Examples:
  keyfence import keys.jsonl --dry-run
  keyfence import keys.jsonl
  keyfence import keys.jsonl --skip-known
  gzip -dc tokens.jsonl.gz | keyfence import -
  KEYFENCE_DATABASE_URL=postgres://… keyfence import --from sqlite:/var/lib/keyfence

A line, of which "name", "owner" and either "key" or "hash" are needed:
  {"key":"sk_live_4eC39…","name":"shop","owner":"acme",
   "restrictions":{"domains":{"enabled":true,"entries":["example.com"]},"ips":{"enabled":false,"entries":[]}}}
  {"hash":"<hex SHA-256>","hint":"sk_…9f3a","name":"ci","owner":"acme","status":"disabled","mode":"report",
   "notBefore":null,"expiresAt":"2027-01-31T12:00:00Z","metadata":{"plan":"pro"}}
A plain key is hashed here and goes no further. Every line is checked, by the settings that this command
has, before the first is sent; they go in batches of 500, each taken whole or not at all.
With --from everything moves: tokens, keys, people, activity and the audit log. No node may run on the
folder, which stays as it is. Started again after it was interrupted, it goes on where it stopped.
Exit codes: 0 all in (or in order), 1 a bad or known line, 2 wrong use or unreachable.`

async function importTokens(run: ManagedRun<ImportOptions>): Promise<ExitCode> {
  const { options, config, io, management, args, wrongUse } = run
  if (options.from !== undefined)
    return moveStore({ ...run, options: { ...options, from: options.from } })
  if (args[0] === undefined) wrongUse('name the file with the lines, or --from sqlite:FOLDER')
  const read = await readImport(inputOf(run), apiSettings(config, config.publicUrl))
  if (read.problems.length > 0 || options.dryRun) return tellChecked(run, read)
  const progress = progressOn(io)
  const sent = await sendImport(read.ready, {
    management,
    skipKnown: options.skipKnown ?? false,
    progress: (imported) => progress.at(`${imported} of ${read.ready.length} keys`),
  })
  progress.end()
  return tellSent(run, sent)
}

function inputOf({ args, io }: ManagedRun<ImportOptions>): Readable {
  const [file = '-'] = args
  return file === '-' ? io.stdin : createReadStream(file)
}

async function tellChecked(
  { options, io }: ManagedRun<ImportOptions>,
  { ready, problems }: ReadImport,
): Promise<ExitCode> {
  if (options.json) await writeJson(io.stdout, { ready: ready.length, problems })
  await writeText(io.stderr, noteLines(problems))
  const verdict =
    problems.length === 0
      ? `${counted(ready.length, 'key is', 'keys are')} in order.`
      : 'Nothing was sent.'
  await writeText(io.stderr, `${verdict}\n`)
  return problems.length > 0 ? 1 : 0
}

async function tellSent(
  { options, io }: ManagedRun<ImportOptions>,
  { imported, known, warnings, refused }: SentImport,
): Promise<ExitCode> {
  const skipped = options.skipKnown ? known : []
  const problems = refused?.problems ?? []
  if (options.json) await writeJson(io.stdout, { imported, skipped, warnings, problems })
  await writeText(io.stderr, noteLines(warnings, 'warning, '))
  await writeText(
    io.stderr,
    skipped.map((line) => `line ${line}: known already, skipped\n`).join(''),
  )
  const summary = `${counted(imported, 'key')} imported, ${skipped.length} skipped.`
  if (refused === undefined) {
    await writeText(io.stderr, `${summary}\n`)
    return 0
  }
  await writeText(io.stderr, noteLines(problems))
  await writeText(io.stderr, `${summary} Mend the rest, and go on with --skip-known.\n`)
  // Named by line above; what is no line's fault is told whole.
  if (problems.length === 0) return reportRefusal(refused.answer, { io })
  return refused.answer.status < 500 ? 1 : 2
}

function noteLines(notes: readonly LineNote[], prefix = ''): string {
  return notes
    .map(({ line, path, code, message }) => {
      const place = path === '' ? '' : ` ${path}`
      const why = code === undefined ? '' : ` (${code})`
      return `${prefix}line ${line}:${printable(`${place}${why} ${message}`)}\n`
    })
    .join('')
}
