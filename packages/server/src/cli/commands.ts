import type { RegisterCommand } from './command.ts'

/** A command of the first level. */
export interface NamedCommand {
  readonly name: string
  /** Only what is asked for is loaded: a command that needs no store is three times as quick without. */
  readonly load: () => Promise<RegisterCommand>
}

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly NamedCommand[] = [
  { name: 'serve', load: async () => (await import('./serve.ts')).registerServe },
  { name: 'demo', load: async () => (await import('./demo.ts')).registerDemo },
  { name: 'token', load: async () => (await import('./token/token.ts')).registerToken },
  { name: 'key', load: async () => (await import('./key.ts')).registerKey },
  { name: 'admin', load: async () => (await import('./admin.ts')).registerAdmin },
  { name: 'portal', load: async () => (await import('./portal.ts')).registerPortal },
  { name: 'audit', load: async () => (await import('./audit.ts')).registerAudit },
  { name: 'nodes', load: async () => (await import('./nodes.ts')).registerNodes },
  { name: 'explain', load: async () => (await import('./explain.ts')).registerExplain },
  { name: 'why', load: async () => (await import('./why.ts')).registerWhy },
  { name: 'tail', load: async () => (await import('./tail.ts')).registerTail },
  { name: 'entry', load: async () => (await import('./entry.ts')).registerEntry },
  { name: 'config', load: async () => (await import('./config.ts')).registerConfig },
  { name: 'import', load: async () => (await import('./transfer/import.ts')).registerImport },
  { name: 'export', load: async () => (await import('./transfer/export.ts')).registerExport },
  { name: 'migrate', load: async () => (await import('./migrate.ts')).registerMigrate },
  { name: 'backup', load: async () => (await import('./backup.ts')).registerBackup },
  { name: 'restore', load: async () => (await import('./restore.ts')).registerRestore },
  { name: 'doctor', load: async () => (await import('./doctor/doctor.ts')).registerDoctor },
  { name: 'healthcheck', load: async () => (await import('./healthcheck.ts')).registerHealthcheck },
]

/** The commands that a command line needs: the one that it names, else all of them. */
export async function commandsFor(argv: readonly string[]): Promise<readonly RegisterCommand[]> {
  const named = COMMANDS.find(({ name }) => name === argv[0])
  return Promise.all((named === undefined ? COMMANDS : [named]).map(({ load }) => load()))
}
