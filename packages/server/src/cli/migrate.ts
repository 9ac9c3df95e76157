import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { openStore } from '../node/open-store.ts'
import { type SchemaState, schemaState } from '../node/schema-state.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { counted } from './counted.ts'
import { type PlacedRun, placedAtStore } from './managed.ts'
import { writeJson, writeText } from './output.ts'

/** `keyfence migrate status` and `keyfence migrate up`. */
export function registerMigrate(program: Command, run: CommandRun): void {
  const migrate = program
    .command('migrate')
    .description('the schema of the store: a node brings it up to date by itself when it starts')
  const status = migrate
    .command('status')
    .description('which steps are missing? Exit code 1 if any is, or the store is a newer one')
    .addHelpText('after', STATUS_EXAMPLES)
  placedAtStore(status, run, showStatus)
  const up = migrate
    .command('up')
    .description('bring the schema up to date, before any node of this version starts')
    .option('--dry-run', 'say what would be done')
    .addHelpText('after', UP_EXAMPLES)
  placedAtStore(up, run, bringUp)
}

const STATUS_EXAMPLES = `
Examples:
  keyfence migrate status
  KEYFENCE_DATABASE_URL=postgres://… keyfence migrate status --json`

const UP_EXAMPLES = `
Examples:
  keyfence migrate up --dry-run
  keyfence migrate up

Each step is kept whole or not at all, and one that was interrupted is begun again. Make a backup first.`

async function showStatus({ config, options, io }: PlacedRun<object>): Promise<ExitCode> {
  const state = await schemaState(config)
  await (options.json
    ? writeJson(io.stdout, state)
    : writeText(io.stdout, stateText(state, 'missing')))
  return state.version === state.known ? 0 : 1
}

interface UpOptions {
  readonly dryRun?: true
}

async function bringUp({ config, options, io }: PlacedRun<UpOptions>): Promise<ExitCode> {
  if (options.dryRun) {
    const state = await schemaState(config)
    await (options.json
      ? writeJson(io.stdout, state)
      : writeText(io.stdout, stateText(state, 'would be done')))
    return state.version > state.known ? 1 : 0
  }
  const steps: string[] = []
  const progress = (step: string): void => {
    steps.push(step)
    if (!options.json) io.stderr.write(`${step}\n`)
  }
  const store = await openStore(config, { random: randomBytes, progress })
  await store.close()
  if (options.json) await writeJson(io.stdout, { steps })
  else
    await writeText(io.stdout, `${counted(steps.length, 'step')} done, the schema is up to date.\n`)
  return 0
}

function stateText({ version, known, pending }: SchemaState, what: string): string {
  if (version > known) {
    return `Version ${version}, of a newer Keyfence; this one knows ${known}. Use that one.\n`
  }
  if (pending.length === 0) return `Version ${version} of ${known}: up to date.\n`
  return `Version ${version} of ${known}.\n${pending.map((name) => `  ${what}: ${name}\n`).join('')}`
}
