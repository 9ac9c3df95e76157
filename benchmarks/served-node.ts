import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type ProcessUsage, usageOf } from './process-usage.ts'

const PROGRAM = join(import.meta.dirname, '../packages/server/bin/keyfence.js')

/** What the environment of a served node has as its management key. */
export const MANAGEMENT_KEY = 'benchmarks-only-0123456789abcdefghij'

/** `keyfence serve` as a process of its own. */
export interface ServedNode {
  readonly url: string
  readonly managementUrl: string
  /** What it has used so far. */
  usage(): ProcessUsage
  /** Asks it to stop and waits until it has. @throws if that was no orderly end */
  stop(): Promise<void>
}

/** How a served node differs from the program of this checkout on an embedded store. */
export interface ServedOptions {
  /** The file of the command line. */
  readonly program?: string
  /** PostgreSQL, in the place of the embedded store. */
  readonly databaseUrl?: string
  readonly flags?: readonly string[]
  /** Kills it, wherever it is. */
  readonly signal?: AbortSignal
}

/**
 * Starts it on free ports, before an API on this port; resolves when it says where it listens.
 * @throws if it ends before that
 */
export async function serveNode(
  folder: string,
  upstreamPort: number,
  { program = PROGRAM, databaseUrl, flags = [], signal }: ServedOptions = {},
): Promise<ServedNode> {
  const child = spawn(
    process.execPath,
    [
      program,
      'serve',
      `--data=${folder}`,
      '--listen=127.0.0.1:0',
      '--admin-listen=127.0.0.1:0',
      `--upstream=http://127.0.0.1:${upstreamPort}`,
      '--log-level=error',
      ...flags,
    ],
    {
      env: {
        KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY,
        ...(databaseUrl === undefined ? {} : { KEYFENCE_DATABASE_URL: databaseUrl }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      killSignal: 'SIGKILL',
      signal,
    },
  )
  const exited = once(child, 'exit')
  // One that is killed fails what waits for it; perhaps nothing does.
  exited.catch(() => {})
  const { url, managementUrl } = await placesOf(child)
  return {
    url,
    managementUrl,
    usage: () => usageOf(child.pid),
    stop: async () => {
      child.kill()
      await exited
      if (child.exitCode !== 0) throw new Error(`keyfence serve ended with ${child.exitCode}`)
    },
  }
}

type Places = Pick<ServedNode, 'url' | 'managementUrl'>

async function placesOf({ stdout }: ChildProcess): Promise<Places> {
  if (stdout === null) throw new Error('it has no standard output')
  let url: string | undefined
  for await (const line of createInterface({ input: stdout })) {
    url ??= /requests +(http:\S+)/.exec(line)?.[1]
    const management = /management +(http:.+)\/v1/.exec(line)?.[1]
    if (url !== undefined && management !== undefined) return { url, managementUrl: management }
  }
  throw new Error('keyfence serve ended before it was ready')
}
