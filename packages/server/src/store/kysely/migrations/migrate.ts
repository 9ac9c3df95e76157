import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import { StoreError } from '../../store-error.ts'
import { MIGRATIONS, type Migration } from './migrations.ts'

/**
 * Brings the schema up to date, each step in a transaction of its own together with its version, so
 * that an interrupted start goes on where it stopped.
 * @throws StoreError `schema_newer` when the store was written by a newer Keyfence.
 */
export async function migrate(
  db: Kysely<Schema>,
  progress: (step: string) => void,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`create table if not exists schema_version (version integer not null)`.execute(
      transaction,
    )
  })
  const version = await schemaVersion(db)
  if (version > migrations.length) {
    throw new StoreError(
      'schema_newer',
      `The store has schema version ${version}, this Keyfence knows ${migrations.length}. Start the newer Keyfence that wrote it, or restore a backup.`,
    )
  }
  for (const [at, migration] of migrations.entries()) {
    if (at < version) continue
    await db.transaction().execute(async (transaction) => {
      // Of nodes that start together, another may have gone on while this one waited for its turn.
      if ((await schemaVersion(transaction)) > at) return
      progress(`migration ${at + 1} of ${migrations.length}: ${migration.name}`)
      await migration.up(transaction)
      await sql`delete from schema_version`.execute(transaction)
      await sql`insert into schema_version (version) values (${at + 1})`.execute(transaction)
    })
  }
}

/** How many migrations a store has had that has had any. */
export async function schemaVersion(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db)
  return rows[0]?.version ?? 0
}
