import type { Command } from 'commander'
import { ImportDraft } from '../../api/routes/import-tokens.ts'
import {
  type ExportedToken,
  type ExportExtent,
  exportSqlite,
} from '../../store/sqlite/export-sqlite.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { counted } from '../counted.ts'
import { type PlacedRun, placed } from '../managed.ts'
import { writeJson, writeText } from '../output.ts'
import { progressOn } from '../progress.ts'
import { type TextTarget, textTarget } from './whole-file.ts'

/** `keyfence export`. */
export function registerExport(program: Command, run: CommandRun): void {
  const command = program
    .command('export')
    .description('write all tokens as JSON Lines: hashes and settings, never a plain token')
    .argument('[file]', 'where to; - is standard output', '-')
    .addHelpText('after', EXAMPLES)
  placed(command, run, exportTokens)
}

const EXAMPLES = `
Examples:
  keyfence export tokens.jsonl
  keyfence export - | gzip > tokens.jsonl.gz

A line is what "keyfence import" takes:
  {"hash":"9f86…","hint":"kf_…Ab3x","name":"shop","owner":"acme","status":"active",…}
What is disabled or revoked comes back so. Left out, and counted: secrets that were rotated out, also
where they still live for a while, and the hashes of deleted tokens. To keep everything, ids, keys and
the audit log too, use "keyfence backup".
Exit codes: 0 written, 1 written but for damaged records, 2 wrong use or broken.`

const CHUNK_LENGTH = 64 * 1024

async function exportTokens(run: PlacedRun<object>): Promise<ExitCode> {
  const { args, config, io, options, wrongUse } = run
  const [file = '-'] = args
  if (file === '-' && options.json) wrongUse('--json is a summary: name a file for the tokens')
  const source = exportSqlite(config.data)
  try {
    const target = textTarget(file, io)
    if (target === undefined) return wrongUse('the file exists already: name another')
    try {
      const damaged = await writeTokens(source.tokens(), { target, run, extent: source.extent })
      target.finish()
      await tellExtent(run, source.extent, damaged)
      return damaged.length > 0 ? 1 : 0
    } finally {
      target.close()
    }
  } finally {
    source.close()
  }
}

/** @returns the ids of damaged records, which are not written. */
async function writeTokens(
  tokens: Iterable<ExportedToken>,
  {
    target,
    run,
    extent,
  }: {
    readonly target: TextTarget
    readonly run: PlacedRun<object>
    readonly extent: ExportExtent
  },
): Promise<readonly string[]> {
  const progress = progressOn(run.io)
  const damaged: string[] = []
  let chunk = ''
  let count = 0
  for (const { id, draft } of tokens) {
    count++
    if (ImportDraft.safeParse(draft).success) chunk += `${JSON.stringify(draft)}\n`
    else damaged.push(id)
    if (chunk.length < CHUNK_LENGTH) continue
    if ((await target.write(chunk)) === 'closed') break
    chunk = ''
    progress.at(`${count} of ${extent.tokens} tokens`)
  }
  if (chunk !== '') await target.write(chunk)
  progress.end()
  return damaged
}

async function tellExtent(
  { io, options }: PlacedRun<object>,
  extent: ExportExtent,
  damaged: readonly string[],
): Promise<void> {
  const written = extent.tokens - damaged.length
  const { rotatedSecrets, deletedHashes } = extent
  if (options.json) {
    await writeJson(io.stdout, { tokens: written, rotatedSecrets, deletedHashes, damaged })
  }
  const lines = [
    ...damaged.map((id) => `${id} is damaged and left out: "keyfence doctor" says more.`),
    `${counted(written, 'token')} written. Left out: ${counted(rotatedSecrets, 'rotated secret')}, ${counted(deletedHashes, 'hash', 'hashes')} of deleted tokens.`,
  ]
  await writeText(io.stderr, `${lines.join('\n')}\n`)
}
