import type { OnConflictBuilder } from 'kysely'
import type { Schema } from './schema.ts'

/** The newest change of a token stands for all of its earlier ones: their row gets the next revision. */
export function takesNextRevision(conflict: OnConflictBuilder<Schema, 'changes'>) {
  return conflict.column('token_id').doUpdateSet((row) => ({
    revision: row.ref('excluded.revision'),
    created_at: row.ref('excluded.created_at'),
    owner: row.ref('excluded.owner'),
  }))
}
