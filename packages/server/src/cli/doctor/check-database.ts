import type { EpochMs } from '@keyfence/core'
import type { Config } from '../../config/config.ts'
import { type DatabasePlace, formatDatabaseUrl } from '../../config/database-url.ts'
import { isLoopbackHost } from '../../config/listen-address.ts'
import { schemaState } from '../../node/schema-state.ts'
import { refuseHalfMoved } from '../../store/postgres/move-position.ts'
import { withCurrent } from '../../store/postgres/open-postgres.ts'
import { probePostgres, type PostgresProbe } from '../../store/postgres/probe-postgres.ts'
import { postgresFeed } from '../../store/postgres/postgres-feed.ts'
import { StoreError } from '../../store/store-error.ts'
import { counted } from '../counted.ts'
import { checkPeople } from './check-people.ts'
import { checkRecords } from './check-records.ts'
import { type Finding, note, ok, problem } from './finding.ts'

/** Looks at the database of the settings, if it answers at its schema and records: changes nothing. */
export async function checkDatabase(
  config: Config,
  place: DatabasePlace,
  now: EpochMs,
): Promise<readonly Finding[]> {
  const probe = await probePostgres(place, config.databaseTimeoutMs)
  if (probe.kind === 'silent') return [unreached(place, probe)]
  const findings = [
    ok('database', 'The database answers.'),
    ...checkWay(place),
    ...checkServer(probe),
    checkDatabaseClock(probe.clockMs, now),
  ]
  return [...findings, ...(await checkSchema(config, place))]
}

type Silent = Extract<PostgresProbe, { kind: 'silent' }>

function unreached(place: DatabasePlace, { code, message }: Silent): Finding {
  const what = `${formatDatabaseUrl(place)} does not answer: ${message}.`
  return problem('database', what, remedyFor(code, message))
}

function remedyFor(code: string, message: string): string {
  if (message.includes('does not support SSL')) return NO_TLS
  if (/timeout/i.test(message)) return SILENT
  return REMEDIES.get(code) ?? 'Look into the log of PostgreSQL, and check KEYFENCE_DATABASE_URL.'
}

const NO_TLS =
  'Turn TLS on in PostgreSQL (ssl = on); on a network where nobody else is, write ?sslmode=disable.'
const SILENT =
  'Look for a firewall on the way, and whether host and port are right; databaseTimeoutMs is how long it may take.'
const CERTIFICATE =
  'The certificate is by a CA that Node does not know: name it with ?sslrootcert=FILE.'

/** By code of the system, of TLS, and SQLSTATE. @see PostgreSQL, Appendix A: error codes */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  [
    'ECONNREFUSED',
    'Start PostgreSQL, or mend host and port; it listens where listen_addresses says.',
  ],
  ['ENOTFOUND', 'Nobody knows that host: mend its name, or the name server.'],
  ['EAI_AGAIN', 'The name server does not answer: mend it, or write the address of the host.'],
  ['ENOENT', 'There is no such file: the socket of PostgreSQL, or what sslrootcert names.'],
  ['EACCES', 'This user may not open the socket, or the file that sslrootcert names.'],
  ['ETIMEDOUT', SILENT],
  ['EHOSTUNREACH', SILENT],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', CERTIFICATE],
  ['SELF_SIGNED_CERT_IN_CHAIN', CERTIFICATE],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', CERTIFICATE],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', CERTIFICATE],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'The certificate is for another host: use the name that it has.',
  ],
  ['CERT_HAS_EXPIRED', 'Renew the certificate of PostgreSQL, or set the clock here.'],
  [
    '28P01',
    'The password is wrong: mend it in KEYFENCE_DATABASE_URL; percent-encode what is special in it.',
  ],
  ['28000', 'PostgreSQL lets this user in from nowhere near: add a line to its pg_hba.conf.'],
  ['3D000', 'There is no such database: createdb it, or mend its name.'],
  ['42501', 'This user may not use the database: let it own it.'],
  [
    '53300',
    'PostgreSQL has no connection left: raise max_connections, or lower databaseConnectionsMax.',
  ],
  ['57P03', 'PostgreSQL starts or stops: try again in a moment.'],
])

function checkWay({ host, tls }: DatabasePlace): readonly Finding[] {
  if (tls.mode !== 'off' || host.startsWith('/') || isLoopbackHost(host)) return []
  const message =
    'The way to the database has no TLS: hashes and settings cross the network in the clear.'
  return [note('database TLS', message, 'Take ?sslmode=disable out of KEYFENCE_DATABASE_URL.')]
}

function checkServer(probe: Extract<PostgresProbe, { kind: 'answers' }>): readonly Finding[] {
  const findings: Finding[] = []
  if (probe.isStandby) {
    const message = 'The database is a standby, and takes no writes.'
    findings.push(problem('database', message, 'Name the primary in KEYFENCE_DATABASE_URL.'))
  } else if (!probe.mayCreate) {
    const message =
      'This user may not make tables: a new version could not bring the schema up to date.'
    findings.push(problem('database', message, 'grant create on schema public to this user.'))
  }
  if (!probe.isSynced) {
    const message =
      'fsync is off: what was acknowledged, a revocation too, may be lost with the machine.'
    findings.push(problem('durability', message, 'Set fsync = on in postgresql.conf.'))
  }
  return findings
}

const APART_MS_MAX = 5000

function checkDatabaseClock(databaseMs: number, now: EpochMs): Finding {
  const apartMs = Math.round(Math.abs(databaseMs - now))
  const shown = new Date(now).toISOString()
  if (apartMs <= APART_MS_MAX)
    return ok('clock', `The clock says ${shown}, and so does the database.`)
  const message = `The clock says ${shown}, and the database ${new Date(databaseMs).toISOString()}.`
  return problem('clock', message, 'Set both with NTP: tokens expire by the clock of each node.')
}

async function checkSchema(config: Config, place: DatabasePlace): Promise<readonly Finding[]> {
  try {
    const { version, known, pending } = await schemaState(config)
    if (version > known) return [NEWER]
    if (pending.length > 0) {
      const message = `The schema lacks ${counted(pending.length, 'step')}: the next start of a node brings it up to date.`
      return [note('schema', message)]
    }
    const limits = { connectionsMax: 1, timeoutMs: config.databaseTimeoutMs }
    return [
      ok('schema', 'The schema is this version’s.'),
      ...(await withCurrent({ place, limits }, async (db) => {
        await refuseHalfMoved(db)
        return [await checkRecords(postgresFeed(db)), ...(await checkPeople(db))]
      })),
    ]
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return [problem('database', error.message, 'Mend that first: the rest was not looked at.')]
  }
}

const NEWER = problem(
  'schema',
  'The database was written by a newer Keyfence.',
  'Use that version, or restore a backup of this one.',
)
