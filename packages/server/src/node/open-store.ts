import { mkdirSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { RandomBytes } from '../identifier/identifier.ts'
import { openPostgres } from '../store/postgres/open-postgres.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { Store } from '../store/store.ts'

/**
 * Opens the store that the settings name: a database, or the data folder. The folder is made for both:
 * socket and snapshot of a node lie there.
 * @param world.progress is told each migration.
 * @throws StoreError `schema_newer`, `store_unavailable`
 */
export async function openStore(
  { data, databaseUrl, databaseConnectionsMax, databaseTimeoutMs }: Config,
  { random, progress }: { readonly random: RandomBytes; readonly progress: (step: string) => void },
): Promise<Store> {
  if (databaseUrl === undefined) return openSqlite({ folder: data, random, progress })
  mkdirSync(data, { recursive: true, mode: 0o700 })
  return openPostgres({
    place: databaseUrl,
    limits: { connectionsMax: databaseConnectionsMax, timeoutMs: databaseTimeoutMs },
    random,
    progress,
  })
}
