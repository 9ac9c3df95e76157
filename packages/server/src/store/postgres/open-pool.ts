import { readFileSync } from 'node:fs'
import { type ClientBase, type ClientConfig, Pool, type PoolConfig, types } from 'pg'
import type { DatabasePlace, DatabaseTls } from '../../config/database-url.ts'

/** How one pool of connections differs from another; times in milliseconds. */
export interface PoolLimits {
  readonly connectionsMax: number
  /** Longest wait for a connection, for the turn to write, and for a statement; 0: no limit. */
  readonly timeoutMs: number
}

/** A pool of connections, of which none is made before it is needed. */
export function openPool(place: DatabasePlace, { connectionsMax, timeoutMs }: PoolLimits): Pool {
  const pool = new Pool({
    ...connectionTo(place),
    max: connectionsMax,
    connectionTimeoutMillis: timeoutMs,
    types: { getTypeParser },
    pipeline: true,
    onConnect: forShortStatements,
    ...(timeoutMs === 0 ? {} : limits(timeoutMs)),
  })
  // A connection that breaks is replaced by the next question, which says what is wrong, if anything is.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/**
 * What is prepared is planned once and not for its parameters: of a page of the feed the server would
 * believe that it is long, and plan each one anew. For the same belief it would compile it each time: a
 * first copy of a million tokens took 205 s instead of 46.
 */
async function forShortStatements(client: ClientBase): Promise<void> {
  await client.query('set plan_cache_mode = force_generic_plan; set jit = off')
}

/** What every connection is made with. */
export function connectionTo(place: DatabasePlace): ClientConfig {
  return {
    host: place.host,
    port: place.port,
    database: place.database,
    user: place.user,
    // A function: an absent password would be looked for in the environment and in files.
    password: () => place.password ?? '',
    ssl: tlsOptions(place.tls),
    application_name: 'keyfence',
    keepAlive: true,
  }
}

/**
 * More than the server's own limit: a server that is out of reach comes to this one, or one that takes as
 * long for all that a transaction has sent without waiting.
 */
const UNREACHABLE_AFTER_MS = 2000

function limits(timeoutMs: number): PoolConfig {
  return {
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    // A node that was stopped in the middle of a change must not keep all others from writing.
    idle_in_transaction_session_timeout: timeoutMs * 2,
    query_timeout: timeoutMs + UNREACHABLE_AFTER_MS,
  }
}

function tlsOptions(tls: DatabaseTls): PoolConfig['ssl'] {
  if (tls.mode === 'off') return false
  const { caFile } = tls
  return {
    rejectUnauthorized: true,
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
  }
}

/** Whole numbers of 64 bits are times, counts and revisions here, all far below 2⁵³. */
const getTypeParser: typeof types.getTypeParser = (oid: TypeOid, format?: 'text' | 'binary') =>
  oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)

type TypeOid = Parameters<typeof types.getTypeParser>[0]
