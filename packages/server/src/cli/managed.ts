import type { Command } from 'commander'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { StoreError } from '../store/store-error.ts'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import { problemLines } from './config.ts'
import { connectManagement, type ManagementClient, UnreachableError } from './management-client.ts'
import { writeText } from './output.ts'
import { addPlaceOptions, placeConfig, type Reach } from './place.ts'
import { printable } from './printable.ts'

/** What a command that looks at or changes an installation works with. */
export interface PlacedRun<Options> {
  readonly options: Options & { readonly json?: true }
  /** The arguments that are no options, in order. */
  readonly args: readonly string[]
  readonly config: Config
  readonly io: CommandIo
  /** Ends the command as used wrongly. @param sentence without anything that may be a secret. */
  readonly wrongUse: (sentence: string) => never
}

/** What a command of the management API works with. */
export interface ManagedRun<Options> extends PlacedRun<Options> {
  /** Connects when it is first asked, so that wrong use is told first. */
  readonly management: Pick<ManagementClient, 'ask'>
}

/**
 * Makes a command one that works on the embedded store of a data folder; adds its place options and
 * `--json`. It would take the wrong store for the right one where the settings name a database.
 */
export function placed<Options>(
  command: Command,
  { io, finish }: CommandRun,
  work: (run: PlacedRun<Options>) => Promise<ExitCode>,
): Command {
  const onFolder = (run: PlacedRun<Options>): Promise<ExitCode> => {
    if (run.config.databaseUrl !== undefined) run.wrongUse(IN_DATABASE)
    return work(run)
  }
  return place<Options>(command, { io, finish }, { reach: 'folder', work: onFolder })
}

const IN_DATABASE =
  'KEYFENCE_DATABASE_URL is set, and this command is for the embedded store: "keyfence backup" copies a database'

/** The same, for a command that works on whichever store the settings name. */
export function placedAtStore<Options>(
  command: Command,
  { io, finish }: CommandRun,
  work: (run: PlacedRun<Options>) => Promise<ExitCode>,
): Command {
  return place<Options>(command, { io, finish }, { reach: 'folder', work })
}

/** The same, for a command that finds its own way to a node here or elsewhere. */
export function placedAnywhere<Options>(
  command: Command,
  { io, finish }: CommandRun,
  work: (run: PlacedRun<Options>) => Promise<ExitCode>,
): Command {
  return place<Options>(command, { io, finish }, { reach: 'anywhere', work })
}

/** Makes a command one that asks the management API; adds its place options and `--json`. */
export function managed<Options>(
  command: Command,
  { io, finish }: CommandRun,
  work: (run: ManagedRun<Options>) => Promise<ExitCode>,
): Command {
  return place<Options>(
    command,
    { io, finish },
    {
      reach: 'anywhere',
      work: async (run) => {
        const connection = lazyConnection(run.config)
        try {
          return await work({ ...run, management: connection })
        } finally {
          await connection.close()
        }
      },
    },
  )
}

function place<Options>(
  command: Command,
  { io, finish }: CommandRun,
  {
    reach,
    work,
  }: { readonly reach: Reach; readonly work: (run: PlacedRun<Options>) => Promise<ExitCode> },
): Command {
  return addPlaceOptions(command, reach)
    .option('--json', 'print JSON')
    .action(async () => {
      const read = placeConfig(command, io)
      if (!read.ok) {
        await writeText(io.stderr, problemLines(read.problem))
        return finish(2)
      }
      const run: PlacedRun<Options> = {
        options: command.opts(),
        args: command.args,
        config: read.value,
        io,
        wrongUse: (sentence) => command.error(`error: ${sentence}`),
      }
      return finish(await toldIfBroken(() => work(run), io))
    })
}

/** What kept a command from its work is told in a sentence; what is our own fault, whole. */
async function toldIfBroken(
  work: () => Promise<ExitCode>,
  { stderr }: CommandIo,
): Promise<ExitCode> {
  try {
    return await work()
  } catch (error) {
    if (!isOfTheMachine(error)) throw error
    await writeText(stderr, `keyfence: ${printable(error.message)}\n`)
    return 2
  }
}

function isOfTheMachine(error: unknown): error is Error {
  if (error instanceof UnreachableError || error instanceof StoreError) return true
  if (!(error instanceof Error) || !('code' in error)) return false
  return 'syscall' in error || error.code === 'ERR_SQLITE_ERROR'
}

function lazyConnection(config: Config): ManagementClient {
  let connecting: Promise<ManagementClient> | undefined
  return {
    ask: async (...question) => {
      connecting ??= connectManagement(config)
      return (await connecting).ask(...question)
    },
    close: async () => {
      const client = await connecting?.catch(() => undefined)
      await client?.close()
    },
  }
}

/** Reads what was answered. @throws UnreachableError if that is not what Keyfence would answer. */
export function readAnswer<Shape>(schema: z.ZodType<Shape>, body: unknown): Shape {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new UnreachableError(
    `What answers there is no Keyfence of this version: ${z.prettifyError(read.error)}`,
  )
}
