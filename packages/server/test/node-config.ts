import type { Config } from '../src/config/config.ts'
import { readConfig } from '../src/config/read-config.ts'
import { MANAGEMENT_KEY } from './running-keyfence.ts'

/**
 * The settings of a node in this process: free loopback ports, and nothing waited for at its end.
 * @param flags further ones, by the names that the command line has.
 */
export function nodeConfig(folder: string, flags: Readonly<Record<string, string>> = {}): Config {
  const more = Object.entries(flags).map(([name, value]) => [name, [value]] as const)
  const read = readConfig({
    flags: {
      data: [folder],
      listen: ['127.0.0.1:0'],
      'admin-listen': ['127.0.0.1:0'],
      'drain-timeout-ms': ['0'],
      ...Object.fromEntries(more),
    },
    env: { KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY },
    readFile: () => ({ ok: false, problem: 'none' }),
  })
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  return read.value.config
}
