import type { EpochMs } from '@keyfence/core'
import type { Kysely } from 'kysely'
import { DatabaseSync } from 'node:sqlite'
import type { DatabasePlace } from '../../config/database-url.ts'
import type { Schema } from '../kysely/schema.ts'
import { type RevivedToken, revivedTokens } from '../sqlite/revived-tokens.ts'
import { isInUse } from './move-position.ts'
import type { PoolLimits } from './open-pool.ts'
import { databaseVersion, withSnapshot } from './open-postgres.ts'
import { pagesOf } from './row-pages.ts'

/** What a restore would take the place of. */
export type ReplacedStore =
  | { readonly kind: 'empty' }
  | { readonly kind: 'used'; readonly revived: readonly RevivedToken[] }

/** Looks at a database before a restore, and changes nothing. @throws StoreError */
export async function storeReplacedBy(
  backupPath: string,
  at: { readonly place: DatabasePlace; readonly limits: PoolLimits; readonly now: EpochMs },
): Promise<ReplacedStore> {
  if ((await databaseVersion(at.place, at.limits)) === 0) return { kind: 'empty' }
  return withSnapshot(at, async (db) => {
    if (!(await isInUse(db))) return { kind: 'empty' }
    return { kind: 'used', revived: await tokensRevivedHere(db, { backupPath, now: at.now }) }
  })
}

/** Which tokens a backup would bring back to life. @param db a transaction. */
export async function tokensRevivedHere(
  db: Kysely<Schema>,
  { backupPath, now }: { readonly backupPath: string; readonly now: EpochMs },
): Promise<readonly RevivedToken[]> {
  // In SQLite as well, so that one query says what "revived" means.
  const current = new DatabaseSync(':memory:')
  try {
    current.exec(TABLES)
    for await (const page of pagesOf<EndedSecret>(db, ENDED)) addSecrets(current, page)
    return revivedTokens(current, { backupPath, now })
  } finally {
    current.close()
  }
}

function addSecrets(current: DatabaseSync, page: readonly EndedSecret[]): void {
  const addSecret = current.prepare('insert into secrets values (?, ?, ?)')
  const addToken = current.prepare('insert or ignore into tokens values (?, ?, ?)')
  for (const { hash, token_id, ends_at, id, status, expires_at } of page) {
    addSecret.run(hash, token_id, ends_at)
    if (id !== null) addToken.run(id, status, expires_at)
  }
}

const TABLES = `
  create table secrets (hash text primary key, token_id text, ends_at integer);
  create table tokens (id text primary key, status text, expires_at integer);`

interface EndedSecret {
  readonly hash: string
  readonly token_id: string
  readonly ends_at: number | null
  /** `null`: the token was deleted. */
  readonly id: string | null
  readonly status: string | null
  readonly expires_at: number | null
}

/** All but those that simply live: they can be no other's revival. */
const ENDED = `
  select hash, token_id, ends_at, id, status, expires_at
  from secrets left join tokens on tokens.id = token_id
  where id is null or status <> 'active' or expires_at is not null or ends_at is not null`
