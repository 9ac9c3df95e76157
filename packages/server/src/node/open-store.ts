import { mkdirSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { RandomBytes } from '../identifier/identifier.ts'
import {
  type Attempts,
  awaitPostgres,
  openPostgres,
  type PostgresOptions,
} from '../store/postgres/open-postgres.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { Store } from '../store/store.ts'

/** What opening a store needs of the world. */
export interface OpeningWorld {
  readonly random: RandomBytes
  /** Told of each migration. */
  readonly progress: (step: string) => void
}

/**
 * Opens the store that the settings name: a database, or the data folder. The folder is made for both:
 * socket and snapshot of a node lie there.
 * @throws StoreError `schema_newer`, `store_unavailable`
 */
export function openStore(config: Config, world: OpeningWorld): Promise<Store> {
  return openStoreOf(config, world, openPostgres)
}

/** The same for a node, whose database may be away when it starts. */
export function openStoreOfNode(
  config: Config,
  world: OpeningWorld & { readonly failed: Attempts['failed'] },
): Promise<Store> {
  const attempts = { random: () => (world.random(1)[0] ?? 0) / 256, failed: world.failed }
  return openStoreOf(config, world, (options) => awaitPostgres(options, attempts))
}

async function openStoreOf(
  { data, databaseUrl, databaseConnectionsMax, databaseTimeoutMs }: Config,
  { random, progress }: OpeningWorld,
  open: (options: PostgresOptions) => Promise<Store>,
): Promise<Store> {
  if (databaseUrl === undefined) return openSqlite({ folder: data, random, progress })
  mkdirSync(data, { recursive: true, mode: 0o700 })
  return open({
    place: databaseUrl,
    limits: { connectionsMax: databaseConnectionsMax, timeoutMs: databaseTimeoutMs },
    random,
    progress,
  })
}
