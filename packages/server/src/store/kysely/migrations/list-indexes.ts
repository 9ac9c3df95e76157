import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * What a filtered list is read by, so that a page among a million tokens costs what one among ten
 * does. Each ends in the id, which pages go on from.
 */
export async function addListIndexes(db: Kysely<Schema>): Promise<void> {
  // With the first alone, SQLite takes it for an owner's tokens of a status too, and walks all others.
  const ofStatus = db.schema.createIndex('tokens_status').on('tokens')
  await ofStatus.columns(['status', 'id']).execute()
  const ofOwner = db.schema.createIndex('tokens_owner_status').on('tokens')
  await ofOwner.columns(['owner', 'status', 'id']).execute()
  await db.schema.createIndex('audit_owner').on('audit').columns(['owner', 'id']).execute()
}

/**
 * With all that the feed needs of a secret. Hashes lie in no order, so fetching each row cost half of
 * what a first copy took (570 of 1,100 ms for 100,000 tokens; with this 70).
 */
export async function addFeedIndex(db: Kysely<Schema>): Promise<void> {
  const ofFeed = db.schema.createIndex('secrets_feed').on('secrets')
  await ofFeed.columns(['token_id', 'hash', 'ends_at']).execute()
  await db.schema.dropIndex('secrets_token').execute()
}

/**
 * What tokens that need attention are found by, each index with all that its question reads: among a
 * million tokens, looking at each would take a second in which nothing else is read.
 */
export async function addAttentionIndexes(db: Kysely<Schema>): Promise<void> {
  const unrestricted = db.schema.createIndex('tokens_unrestricted').on('tokens')
  await unrestricted
    .columns(['status', 'domains_enabled', 'ips_enabled', 'id', 'expires_at', 'owner'])
    .execute()
  const expiring = db.schema.createIndex('tokens_expiring').on('tokens')
  await expiring.columns(['status', 'expires_at', 'id', 'owner']).execute()
  await sql`create index tokens_unused
    on tokens (status, (coalesce(last_used_at, created_at)), id, expires_at, owner)`.execute(db)
}

/**
 * Those of tokens that need attention hold none that are revoked, so that a revocation writes into none of
 * them: 10,000 at once took 230 ms, and take 150. Not the active ones alone: PostgreSQL does not look for
 * what an index holds by its definition, and would read all of it.
 */
export async function narrowAttentionIndexes(db: Kysely<Schema>): Promise<void> {
  for (const name of ['tokens_unrestricted', 'tokens_expiring', 'tokens_unused']) {
    await db.schema.dropIndex(name).execute()
  }
  await sql`create index tokens_unrestricted
    on tokens (status, domains_enabled, ips_enabled, id, expires_at, owner)
    where status <> 'revoked' and domains_enabled = 0 and ips_enabled = 0`.execute(db)
  await sql`create index tokens_expiring on tokens (status, expires_at, id, owner)
    where status <> 'revoked'`.execute(db)
  await sql`create index tokens_unused
    on tokens (status, (coalesce(last_used_at, created_at)), id, expires_at, owner)
    where status <> 'revoked'`.execute(db)
}

/** What the audit log is narrowed by, as by its other columns; a page costs the same in a long log. */
export async function addAuditIndexes(db: Kysely<Schema>): Promise<void> {
  await db.schema.createIndex('audit_actor').on('audit').columns(['actor', 'id']).execute()
  await db.schema.createIndex('audit_action').on('audit').columns(['action', 'id']).execute()
}
