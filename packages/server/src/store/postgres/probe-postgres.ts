import { Client } from 'pg'
import type { DatabasePlace } from '../../config/database-url.ts'
import { connectionTo } from './open-pool.ts'

/** What a first look at a database finds. */
export type PostgresProbe =
  | {
      readonly kind: 'answers'
      /** The server's clock, as epoch milliseconds. */
      readonly clockMs: number
      /** Whether it only follows another server, and takes no writes. */
      readonly isStandby: boolean
      /** Whether tables can be made where Keyfence has its own. */
      readonly mayCreate: boolean
      /** Whether what it acknowledges is on the disk. */
      readonly isSynced: boolean
    }
  | {
      readonly kind: 'silent'
      /** Of the system (`ECONNREFUSED`), of TLS, or PostgreSQL's SQLSTATE (`28P01`); `''` if there is none. */
      readonly code: string
      readonly message: string
    }

/** Connects once, asks once, and changes nothing; whatever goes wrong is an answer. */
export async function probePostgres(
  place: DatabasePlace,
  timeoutMs: number,
): Promise<PostgresProbe> {
  let client: Client | undefined
  try {
    client = new Client({
      ...connectionTo(place),
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query<AnsweringRow>(QUESTION)
    const [row] = rows
    if (row === undefined) return { kind: 'silent', code: '', message: 'it answers with nothing' }
    return { kind: 'answers', ...row }
  } catch (error) {
    return { kind: 'silent', ...reasonOf(error) }
  } finally {
    await client?.end().catch(() => {})
  }
}

interface AnsweringRow {
  readonly clockMs: number
  readonly isStandby: boolean
  readonly mayCreate: boolean
  readonly isSynced: boolean
}

const QUESTION = `select
  (extract(epoch from clock_timestamp()) * 1000)::float8 as "clockMs",
  pg_is_in_recovery() as "isStandby",
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as "mayCreate",
  current_setting('fsync') = 'on' as "isSynced"`

function reasonOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // Where a name has several addresses, none of which answers, the message is empty.
  return { code, message: error.message === '' ? code : error.message }
}
