import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, '../packages/server/bin/keyfence.js')

/** What the environment of a served node has as its management key. */
export const MANAGEMENT_KEY = 'benchmarks-only-0123456789abcdefghij'

/** `keyfence serve` as a process of its own. */
export interface ServedNode {
  readonly url: string
  readonly managementUrl: string
  /** What it has used so far. */
  usage(): NodeUsage
  /** Asks it to stop and waits until it has. @throws if that was no orderly end */
  stop(): Promise<void>
}

/** What a process has used, as Linux counts it. */
export interface NodeUsage {
  /** The most memory at a time, in MiB. */
  readonly memoryPeakMb: number
  /** User and system, all threads. */
  readonly cpuMs: number
}

/**
 * Starts it on free ports, before an API on this port; resolves when it says where it listens.
 * @param program the file of the command line; that of this checkout if it is not given.
 * @throws if it ends before that
 */
export async function serveNode(
  folder: string,
  upstreamPort: number,
  program: string = PROGRAM,
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
    ],
    {
      env: { KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = once(child, 'exit')
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

/** `/proc` counts CPU time in hundredths of a second, whatever the machine (proc_pid_stat(5)). */
const TICK_MS = 10

function usageOf(pid: number | undefined): NodeUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  // Behind the name of the program, which may hold anything: the state is the third field.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const [user, system] = [fields[11], fields[12]].map(Number)
  return {
    memoryPeakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024,
    cpuMs: ((user ?? Number.NaN) + (system ?? Number.NaN)) * TICK_MS,
  }
}
