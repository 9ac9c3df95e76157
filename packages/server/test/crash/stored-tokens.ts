import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { KnownToken } from './ledger.ts'

/** The store of a data folder as SQLite shows it to another program that only reads. */
export class StoredTokens {
  readonly #database: DatabaseSync
  #checkedUpTo = 0

  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, 'keyfence.db'), { readOnly: true })
  }

  /** What is torn among the tokens that changed since the last call: each part tells of the others. */
  torn(): string[] {
    const rows = this.#database.prepare(CHANGED_TOKENS).all(this.#checkedUpTo)
    const tokens = rows as unknown as ChangedToken[] // what the query selects
    this.#checkedUpTo = Math.max(this.#checkedUpTo, ...tokens.map(({ revision }) => revision))
    return tokens.filter(isTorn).map((token) => `torn: ${JSON.stringify(token)}`)
  }

  /** Which acknowledged changes are not in the audit log. One that was pending may be. */
  lost(tokens: Iterable<KnownToken>): string[] {
    const count = this.#database.prepare('select count(*) as n from audit where target = ?')
    return [...tokens].flatMap(({ id, changes, pending }) => {
      const { n } = count.get(id) as { n: number } // one row, always
      const isKept = n === changes || (pending !== undefined && n === changes + 1)
      return isKept ? [] : [`lost: ${id} has ${n} audit entries for ${changes} changes`]
    })
  }

  /** The whole file: what SQLite finds, and parts whose others are missing. */
  unsound(): string[] {
    this.#checkedUpTo = 0
    const check = this.#database.prepare('pragma integrity_check').all()
    const orphans = this.#database.prepare(ORPHANS).all()
    const found = [
      ...check.map((row) => row['integrity_check']),
      ...orphans.map((row) => row['id']),
    ]
    return [...found.filter((finding) => finding !== 'ok').map(String), ...this.torn()]
  }

  close(): void {
    this.#database.close()
  }
}

interface ChangedToken {
  readonly id: string
  readonly revision: number
  /** `null`: there is no row of the token. */
  readonly version: number | null
  readonly status: string | null
  readonly restricted: number | null
  readonly secrets: number
  readonly entries: number
  readonly audits: number
  /** Audit entries of the very moment of the newest change in the feed. */
  readonly auditsOfChange: number
  readonly deletes: number
  readonly revokes: number
  readonly restricts: number
  readonly rotates: number
}

const CHANGED_TOKENS = `
  select changes.token_id as id, changes.revision, tokens.version, tokens.status,
    tokens.domains_enabled as restricted,
    (select count(*) from secrets where token_id = changes.token_id) as secrets,
    (select count(*) from entries where token_id = changes.token_id) as entries,
    count(*) as audits,
    sum(audit.created_at = changes.created_at) as auditsOfChange,
    sum(action = 'token.delete') as deletes, sum(action = 'token.revoke') as revokes,
    sum(action = 'token.restrict') as restricts, sum(action = 'token.rotate') as rotates
  from changes
  left join tokens on tokens.id = changes.token_id
  left join audit on audit.target = changes.token_id
  where changes.revision > ?
  group by changes.token_id`

/** Rows that have no change in the feed beside them. */
const ORPHANS = `
  select id from tokens where id not in (select token_id from changes)
  union all select token_id from secrets where token_id not in (select token_id from changes)
  union all select target from audit
    where target like 'tok_%' and target not in (select token_id from changes)`

function isTorn(token: ChangedToken): boolean {
  const { version, audits, deletes, secrets, rotates, entries, restricted } = token
  if (token.auditsOfChange < 1 || secrets !== rotates + 1) return true
  if (version === null) return deletes !== 1 || entries !== 0
  const isRevoked = token.status === 'revoked'
  const isRestricted = restricted === 1
  return (
    deletes !== 0 ||
    version !== audits ||
    isRevoked !== token.revokes > 0 ||
    isRestricted !== token.restricts > 0 ||
    isRestricted !== entries > 0
  )
}
