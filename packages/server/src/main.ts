import type { Readable } from 'node:stream'
import { runCli } from './cli/main.ts'
import { readSettingsFile } from './config/read-settings-file.ts'

process.exitCode = await runCli(process.argv.slice(2), {
  // Read on demand: merely naming it opens the stream.
  get stdin(): Readable {
    return process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  readFile: readSettingsFile,
  get stopRequested(): Promise<void> {
    return new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
  },
})
