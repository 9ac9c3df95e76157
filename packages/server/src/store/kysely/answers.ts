import type { Kysely } from 'kysely'
import type { AnswerStore } from '../../access/idempotent-answer.ts'
import type { Schema } from './schema.ts'

/** Answers to requests with an `Idempotency-Key`, in the store. */
export function answerStore(db: Kysely<Schema>): AnswerStore {
  return {
    find: async ({ caller, idempotencyKey }, since) => {
      const row = await db
        .selectFrom('idempotent_answers')
        .selectAll()
        .where('caller', '=', caller)
        .where('idempotency_key', '=', idempotencyKey)
        .where('created_at', '>=', since)
        .executeTakeFirst()
      if (row === undefined) return undefined
      return { requestHash: row.request_hash, status: row.status, body: row.body }
    },
    save: async ({ caller, idempotencyKey }, answer, { now, since }) => {
      await db.deleteFrom('idempotent_answers').where('created_at', '<', since).execute()
      await db
        .insertInto('idempotent_answers')
        .values({
          caller,
          idempotency_key: idempotencyKey,
          request_hash: answer.requestHash,
          status: answer.status,
          body: answer.body,
          created_at: now,
        })
        .execute()
    },
  }
}
