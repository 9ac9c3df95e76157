import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { KnownToken } from './ledger.ts'

/** A store as it shows itself to another program that only reads. */
export interface StoredRows {
  /** Runs a query; `?` stands for a parameter. */
  read(statement: string, ...parameters: readonly (string | number)[]): Promise<readonly Row[]>
  /** What the engine itself finds wrong. */
  damage(): Promise<readonly string[]>
  close(): Promise<void>
}

type Row = Readonly<Record<string, unknown>>

/** The store of a data folder. */
export function rowsInFolder(folder: string): StoredRows {
  const database = new DatabaseSync(join(folder, 'keyfence.db'), { readOnly: true })
  return {
    read: async (statement, ...parameters) => database.prepare(statement).all(...parameters),
    damage: async () => {
      const found = database.prepare('pragma integrity_check').all()
      return found.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok')
    },
    close: async () => database.close(),
  }
}

/** What is kept of the tokens that were changed while their node was killed. */
export class StoredTokens {
  readonly #rows: StoredRows
  #checkedUpTo = 0

  constructor(rows: StoredRows) {
    this.#rows = rows
  }

  /** What is torn among the tokens that changed since the last call: each part tells of the others. */
  async torn(): Promise<readonly string[]> {
    const rows = await this.#rows.read(CHANGED_TOKENS, this.#checkedUpTo)
    const tokens = rows as unknown as readonly ChangedToken[] // what the query selects
    this.#checkedUpTo = Math.max(this.#checkedUpTo, ...tokens.map(({ revision }) => revision))
    return tokens.filter(isTorn).map((token) => `torn: ${JSON.stringify(token)}`)
  }

  /** Which acknowledged changes are not in the audit log. One that was pending may be. */
  async lost(tokens: Iterable<KnownToken>): Promise<readonly string[]> {
    const lost: string[] = []
    for (const { id, changes, pending } of tokens) {
      const [row] = await this.#rows.read(AUDITS, id)
      const n = Number(row?.['n'])
      const isKept = n === changes || (pending !== undefined && n === changes + 1)
      if (!isKept) lost.push(`lost: ${id} has ${n} audit entries for ${changes} changes`)
    }
    return lost
  }

  /** The whole store: what its engine finds, and parts whose others are missing. */
  async unsound(): Promise<readonly string[]> {
    this.#checkedUpTo = 0
    const orphans = await this.#rows.read(ORPHANS)
    const found = [...(await this.#rows.damage()), ...orphans.map((row) => String(row['id']))]
    return [...found, ...(await this.torn())]
  }

  close(): Promise<void> {
    return this.#rows.close()
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

const AUDITS = 'select cast(count(*) as integer) as n from audit where target = ?'

// In words that both engines know; casts, for PostgreSQL counts in more digits than a number has.
const CHANGED_TOKENS = `
  select changes.token_id as id, cast(changes.revision as integer) as revision,
    cast(tokens.version as integer) as version, tokens.status,
    cast(tokens.domains_enabled as integer) as restricted,
    (select cast(count(*) as integer) from secrets where token_id = changes.token_id) as secrets,
    (select cast(count(*) as integer) from entries where token_id = changes.token_id) as entries,
    cast(count(*) as integer) as audits,
    ${auditsWhere('audit.created_at = changes.created_at')} as "auditsOfChange",
    ${auditsWhere("action = 'token.delete'")} as deletes,
    ${auditsWhere("action = 'token.revoke'")} as revokes,
    ${auditsWhere("action = 'token.restrict'")} as restricts,
    ${auditsWhere("action = 'token.rotate'")} as rotates
  from changes
  left join tokens on tokens.id = changes.token_id
  left join audit on audit.target = changes.token_id
  where changes.revision > ?
  group by changes.token_id, changes.revision, changes.created_at,
    tokens.version, tokens.status, tokens.domains_enabled`

function auditsWhere(condition: string): string {
  return `cast(count(*) filter (where ${condition}) as integer)`
}

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
