import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pino } from 'pino'
import { readConfig } from '../config/read-config.ts'
import { systemClock } from '../fence/clock.ts'
import { startNode } from '../node/start-node.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { ExitCode } from './command.ts'
import { runCli } from './main.ts'

/** What a command said, and how it ended. */
export interface Ran {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

/** The world of one command. */
export interface World {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** What somebody types at a terminal; absent: there is none. */
  readonly typed?: string
}

export const MANAGEMENT_KEY = 'command-line-tests-only-0123456789abcdef'

/** Runs one command line in this process. */
export async function run(argv: readonly string[], world: World = {}): Promise<Ran> {
  const { input = '', env = {}, typed } = world
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([stdout.toArray(), stderr.toArray()])
  const stdin = Readable.from([Buffer.from(typed ?? input)])
  if (typed !== undefined) Object.assign(stdin, { isTTY: true })
  const code = await runCli(argv, {
    stdin,
    stdout,
    stderr,
    env,
    readFile: () => ({ ok: false, problem: 'cannot be read (ENOENT).' }),
    stopRequested: new Promise(() => {}),
  })
  stdout.end()
  stderr.end()
  const [out = '', err = ''] = (await texts).map((chunks) => Buffer.concat(chunks).toString())
  return { code, out, err }
}

/** A data folder with a store in it, and commands run on it. */
export interface Place {
  readonly folder: string
  /** Runs a command on the folder. */
  readonly run: (argv: readonly string[], world?: World) => Promise<Ran>
  /** Runs a command that must succeed, and reads what it says with `--json`. */
  readonly json: (...argv: readonly string[]) => Promise<Answer>
  readonly managementUrl: string | undefined
  readonly close: () => Promise<void>
}

/** Read by name, checked by the test that reads it. */
export interface Answer {
  readonly id: string
  readonly secret: string
  readonly items: readonly Answer[]
  readonly [member: string]: unknown
}

/** `node`: one runs on the folder, and is asked through its socket; `store`: none does. */
export type PlaceKind = 'node' | 'store'

/** Makes a place of its own. */
export async function openPlace(kind: PlaceKind): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-cli-'))
  const node = kind === 'node' ? await startedNode(folder) : await emptyStore(folder)
  const runHere: Place['run'] = (argv, world) => run([...argv, `--data=${folder}`], world)
  return {
    folder,
    run: runHere,
    json: async (...argv) => {
      const { code, out, err } = await runHere([...argv, '--json'])
      if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`)
      return JSON.parse(out)
    },
    managementUrl: node.managementUrl,
    close: async () => {
      await node.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Opened {
  readonly managementUrl: string | undefined
  close(): Promise<void>
}

/** Starts a node on a folder. */
export async function startedNode(folder: string): Promise<Opened> {
  const read = readConfig({
    flags: {
      data: [folder],
      listen: ['127.0.0.1:0'],
      'admin-listen': ['127.0.0.1:0'],
      'drain-timeout-ms': ['0'],
    },
    env: { KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY },
    readFile: () => ({ ok: false, problem: '' }),
  })
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  const node = await startNode({
    config: read.value.config,
    clock: systemClock,
    random: randomBytes,
    log: pino({ level: 'silent' }),
    version: '0.0.0-test',
  })
  return {
    managementUrl: `http://127.0.0.1:${node.adminPort}`,
    close: () => node.close(),
  }
}

async function emptyStore(folder: string): Promise<Opened> {
  await (await openSqlite({ folder, random: randomBytes, progress: () => {} })).close()
  return { managementUrl: undefined, close: async () => {} }
}

/** What a command says is an answer of, by name. */
export function parsed(text: string): Answer {
  return JSON.parse(text)
}
