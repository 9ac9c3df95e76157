import type { Kysely } from 'kysely'
import type { RandomBytes } from '../../identifier/identifier.ts'
import type { Schema } from './schema.ts'

/** Gives a new store its epoch; one that has one keeps it. */
export async function ensureEpoch(db: Kysely<Schema>, random: RandomBytes): Promise<void> {
  const value = Buffer.from(random(16)).toString('hex')
  await db
    .insertInto('meta')
    .values({ key: 'epoch', value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}
