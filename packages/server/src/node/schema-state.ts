import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { MIGRATIONS } from '../store/kysely/migrations/migrations.ts'
import { databaseVersion } from '../store/postgres/open-postgres.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { openReadOnly, schemaVersionOf } from '../store/sqlite/read-only-sqlite.ts'

/** How far the schema of a store is, against what this program knows. */
export interface SchemaState {
  /** How many steps it has had; more than `known`: of a newer Keyfence. */
  readonly version: number
  readonly known: number
  /** The names of the steps that it lacks, in order. */
  readonly pending: readonly string[]
}

/** Looks at the store that the settings name, and changes nothing. @throws StoreError */
export async function schemaState(config: Config): Promise<SchemaState> {
  const version = await versionOf(config)
  const pending = MIGRATIONS.slice(version).map(({ name }) => name)
  return { version, known: MIGRATIONS.length, pending }
}

async function versionOf(config: Config): Promise<number> {
  const { databaseUrl, databaseTimeoutMs: timeoutMs, data } = config
  if (databaseUrl !== undefined) {
    return databaseVersion(databaseUrl, { connectionsMax: 1, timeoutMs })
  }
  if (!existsSync(join(data, DATABASE_FILE))) return 0
  const database = openReadOnly(data)
  try {
    return schemaVersionOf(database)
  } finally {
    database.close()
  }
}
