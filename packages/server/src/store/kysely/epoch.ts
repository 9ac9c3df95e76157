import type { Kysely } from 'kysely'
import type { RandomBytes } from '../../identifier/identifier.ts'
import type { Schema } from './schema.ts'

/**
 * The epoch that the store holds itself, new after a restore: another one wherever what was committed
 * may be missing.
 */
export async function storedEpoch(db: Kysely<Schema>): Promise<string> {
  const meta = await db.selectFrom('meta').selectAll().where('key', '=', 'epoch').executeTakeFirst()
  return meta?.value ?? ''
}

/** Gives a new store its epoch; one that has one keeps it. */
export async function ensureEpoch(db: Kysely<Schema>, random: RandomBytes): Promise<void> {
  const value = Buffer.from(random(16)).toString('hex')
  await db
    .insertInto('meta')
    .values({ key: 'epoch', value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}
