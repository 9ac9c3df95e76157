import type { Parsed } from '@keyfence/core'
import { isLoopbackHost } from './listen-address.ts'

/** Where a PostgreSQL database is, and how the way there is protected. */
export interface DatabasePlace {
  /** A name or an address, without brackets; a path: the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** `undefined`: the server asks for none. Never printed. */
  readonly password: string | undefined
  readonly tls: DatabaseTls
}

/** `verified`: the certificate is one for the host, by the CAs of Node or those of a file. */
export type DatabaseTls =
  | { readonly mode: 'off' }
  | { readonly mode: 'verified'; readonly caFile: string | undefined }

/**
 * Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. TLS is verified unless the host is this machine
 * or `sslmode=disable` says that nobody listens on the way.
 * @returns as the problem, a sentence that says what to write and repeats nothing of it.
 */
export function parseDatabaseUrl(text: string): Parsed<DatabasePlace, string> {
  const url = WRITTEN.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || text.includes('#')) return refuse(SYNTAX)
  const parts = [url.hostname, url.pathname.slice(1), url.username, url.password].map(decoded)
  const [host, database, user, password] = parts
  if (host === undefined || database === undefined || user === undefined) return refuse(ESCAPES)
  if (password === undefined) return refuse(ESCAPES)
  if (host === '' || database === '' || user === '') return refuse(SYNTAX)
  if (url.port === '0') return refuse('port 0 cannot be connected to.')
  const tls = tlsFor(host, url.searchParams)
  if (!tls.ok) return tls
  const value: DatabasePlace = {
    host: host.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user,
    password: password === '' ? undefined : password,
    tls: tls.value,
  }
  return { ok: true, value }
}

/** As a person may see it: the password is `***`. */
export function formatDatabaseUrl(place: DatabasePlace): string {
  const { host, port, database, user, password, tls } = place
  const shownUser = `${encodeURIComponent(user)}${password === undefined ? '' : ':***'}`
  const shownHost = host.includes(':') ? `[${host}]` : encodeURIComponent(host)
  const options =
    tls.mode === 'off'
      ? 'sslmode=disable'
      : `sslmode=verify-full${tls.caFile === undefined ? '' : `&sslrootcert=${tls.caFile}`}`
  return `postgres://${shownUser}@${shownHost}:${port}/${encodeURIComponent(database)}?${options}`
}

/** Without blanks and control characters, which a URL parser would drop. */
const WRITTEN = /^postgres(?:ql)?:\/\/[!-~]+$/

const DEFAULT_PORT = 5432
const SYNTAX =
  'write postgres://USER:PASSWORD@HOST:PORT/DATABASE; for a Unix socket its folder as the host, each / as %2F.'
const ESCAPES = 'a % begins an escape: write it as %25.'

const OPTION_NAMES: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert'])

function tlsFor(host: string, options: URLSearchParams): Parsed<DatabaseTls, string> {
  const names = [...options.keys()]
  if (names.some((name) => !OPTION_NAMES.has(name)) || new Set(names).size < names.length) {
    return refuse('behind the ? stand sslmode and sslrootcert, each once at most.')
  }
  const caFile = options.get('sslrootcert') ?? undefined
  const isHere = host.startsWith('/') || isLoopbackHost(host)
  const mode = options.get('sslmode') ?? (isHere ? 'disable' : 'verify-full')
  if (mode === 'verify-full') return { ok: true, value: { mode: 'verified', caFile } }
  if (mode !== 'disable') {
    return refuse(
      'sslmode is verify-full, or disable on a network where nobody else is; others would take any server for the right one.',
    )
  }
  if (caFile !== undefined) return refuse('sslrootcert is of no use with sslmode=disable.')
  return { ok: true, value: { mode: 'off' } }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
