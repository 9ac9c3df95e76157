import type { Kysely } from 'kysely'
import type { Schema } from '../../store/kysely/schema.ts'
import { counted } from '../counted.ts'
import { type Finding, note, ok } from './finding.ts'

/** Looks whether anybody can sign in to the console. */
export async function checkPeople(db: Kysely<Schema>): Promise<readonly Finding[]> {
  const names = await db
    .selectFrom('administrators')
    .select('id')
    .where('password_hash', 'is not', null)
    .execute()
  if (names.length > 0) {
    return [ok('administrators', `${counted(names.length, 'administrator')} can sign in.`)]
  }
  const message = 'Nobody can sign in to the console: no administrator has chosen a password.'
  return [note('administrators', message, 'keyfence admin link')]
}
