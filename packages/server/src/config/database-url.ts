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
  const [database, user, password] = [url.pathname.slice(1), url.username, url.password].map(
    decoded,
  )
  if (database === undefined || user === undefined || password === undefined) return refuse(ESCAPES)
  if (database === '' || user === '') return refuse(`${SYNTAX} Both user and database are needed.`)
  const options = readOptions(url.searchParams)
  if (!options.ok) return options
  const { host = url.hostname.replace(/^\[|\]$/g, '') } = options.value
  if (host === '')
    return refuse(`${SYNTAX} For a Unix socket: postgres://USER@/DATABASE?host=FOLDER.`)
  if (url.port === '0') return refuse('port 0 cannot be connected to.')
  const tls = tlsFor(host, options.value)
  if (!tls.ok) return tls
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  const secret = password === '' ? undefined : password
  return { ok: true, value: { host, port, database, user, password: secret, tls: tls.value } }
}

/** As a person may see it: the password is `***`. */
export function formatDatabaseUrl(place: DatabasePlace): string {
  const { host, port, database, user, password, tls } = place
  const secret = password === undefined ? '' : ':***'
  const isSocket = host.startsWith('/')
  const shownHost = isSocket ? '' : `${host.includes(':') ? `[${host}]` : host}:${port}`
  const options = [
    ...(isSocket
      ? [`host=${host}`]
      : [`sslmode=${tls.mode === 'off' ? 'disable' : 'verify-full'}`]),
    ...(tls.mode === 'verified' && tls.caFile !== undefined ? [`sslrootcert=${tls.caFile}`] : []),
  ]
  return `postgres://${encodeURIComponent(user)}${secret}@${shownHost}/${encodeURIComponent(database)}?${options.join('&')}`
}

/** Without blanks and control characters, which a URL parser would drop. */
const WRITTEN = /^postgres(?:ql)?:\/\/[!-~]+$/

const DEFAULT_PORT = 5432
const SYNTAX = 'write postgres://USER:PASSWORD@HOST:PORT/DATABASE.'
const ESCAPES = 'a % in user, password or database begins an escape: write it as %25.'

interface Options {
  readonly host?: string
  readonly sslmode?: string
  readonly sslrootcert?: string
}

const OPTION_NAMES: ReadonlySet<string> = new Set(['host', 'sslmode', 'sslrootcert'])

function readOptions(parameters: URLSearchParams): Parsed<Options, string> {
  const names = [...parameters.keys()]
  if (names.some((name) => !OPTION_NAMES.has(name)) || new Set(names).size < names.length) {
    return refuse('behind the ? stand sslmode, sslrootcert and host (a folder), each once at most.')
  }
  const host = parameters.get('host')
  if (host !== null && !host.startsWith('/')) {
    return refuse(
      'host= is for the folder of a Unix socket; a host name stands before the database.',
    )
  }
  return { ok: true, value: Object.fromEntries(parameters) }
}

function tlsFor(
  host: string,
  { sslmode, sslrootcert: caFile }: Options,
): Parsed<DatabaseTls, string> {
  const isHere = host.startsWith('/') || isLoopbackHost(host)
  const mode = sslmode ?? (isHere ? 'disable' : 'verify-full')
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
