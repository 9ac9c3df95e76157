import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Row } from './row.ts'

/**
 * Runs a benchmark as a process of its own, so that no heap and no compiled code disturbs another
 * one's. What it prints goes to standard error.
 * @returns what it reported. @throws if it ended in any other way
 */
export function runScript(script: string, parameters: readonly string[]): Promise<readonly Row[]> {
  const child = fork(join(import.meta.dirname, script), parameters, {
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  })
  let rows: readonly Row[] | undefined
  child.on('message', (message) => {
    rows = message as readonly Row[] // what `report` sends, and nothing else does
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0 && rows !== undefined) resolve(rows)
      else reject(new Error(`${script} ended with ${signal ?? code} and without its rows`))
    })
  })
}
