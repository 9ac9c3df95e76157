import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import type { ReadSettingsFile } from '../config/config-file.ts'

/** 0: done. 1: refused or denied. 2: wrong use, malformed input or a broken machine. */
export type ExitCode = 0 | 1 | 2

/** What a command may touch of the world. */
export interface CommandIo {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readFile: ReadSettingsFile
  /** Resolves when the program is asked to stop; from the first reading on, a signal no longer ends it. */
  readonly stopRequested: Promise<void>
}

/** One run of the program: its world, and where a command leaves its exit code. */
export interface CommandRun {
  readonly io: CommandIo
  readonly finish: (exitCode: ExitCode) => void
}

/** Adds a command, its options and its help to the program. */
export type RegisterCommand = (program: Command, run: CommandRun) => void
