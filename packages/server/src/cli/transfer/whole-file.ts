import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { CommandIo } from '../command.ts'
import { type WriteOutcome, writeText } from '../output.ts'

/** Somewhere to write text to, bit by bit. */
export interface TextTarget {
  readonly write: (text: string) => Promise<WriteOutcome>
  /** Everything is written. */
  readonly finish: () => void
  /** Takes away what is not finished. */
  readonly close: () => void
}

/**
 * A file that gets its name when it is whole, readable by its owner alone; `-` is standard output.
 * @returns `undefined` if there is a file of that name.
 */
export function textTarget(name: string, { stdout }: CommandIo): TextTarget | undefined {
  if (name === '-') {
    return { write: (text) => writeText(stdout, text), finish: () => {}, close: () => {} }
  }
  if (existsSync(name)) return undefined
  const partial = `${name}.partial`
  // One that an interrupted run left may be readable by others.
  rmSync(partial, { force: true })
  const file = openSync(partial, 'wx', 0o600)
  return {
    write: async (text) => {
      const octets = Buffer.from(text)
      for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at)
      return 'written'
    },
    finish: () => {
      fsyncSync(file)
      renameSync(partial, name)
    },
    close: () => {
      closeSync(file)
      rmSync(partial, { force: true })
    },
  }
}
