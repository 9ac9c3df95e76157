import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LeftBehind } from './secret-forms.ts'

/** Every regular file below a folder, as it is now; sockets hold nothing. */
export function filesIn(folder: string): LeftBehind[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ place: path, octets: readFileSync(path, 'latin1') }))
}

/** What a command of the real program wrote, and how it ended. */
export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `keyfence …` as a process of its own.
 * @param until resolves when it is to be interrupted as by Ctrl-C; by default it ends by itself.
 */
export async function runProgram(
  argv: readonly string[],
  { env = {}, until }: { readonly env?: Record<string, string>; readonly until?: Until } = {},
): Promise<CommandEnd> {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('latin1').on('data', (text: string) => {
      written[stream] += text
    })
  }
  const closed = once(child, 'close')
  void until?.(written).then(() => child.kill('SIGINT'))
  await closed
  return { code: child.exitCode, ...written }
}

type Until = (written: { readonly stdout: string; readonly stderr: string }) => Promise<unknown>

const PROGRAM = join(import.meta.dirname, '../../bin/keyfence.js')
