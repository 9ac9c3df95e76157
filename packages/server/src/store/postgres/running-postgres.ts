import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

/** A PostgreSQL server of a test's own, in a temporary folder, with nothing in it. */
export interface RunningPostgres {
  /** Loopback. */
  readonly port: number
  /** Makes an empty database. @returns its URL, over loopback */
  createDatabase(): Promise<string>
  /** Runs one statement, past every store. @returns its rows */
  run(url: string, statement: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
  /** Ends the server at once, connections and all, as a crash would. Its data stays. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  restart(): Promise<void>
  /** Copies it into a server that follows it; from then on a commit waits until both have it. */
  startStandby(): Promise<RunningStandby>
  /** Ends the server and removes its folder. */
  close(): Promise<void>
}

/** A server that follows another one until it is promoted. */
export interface RunningStandby {
  /** Loopback. */
  readonly port: number
  /** Resolves when it takes writes, whatever has become of the other one. */
  promote(): Promise<void>
  /** Ends the server and removes its folder. */
  close(): Promise<void>
}

type Row = Readonly<Record<string, unknown>>

/**
 * Starts a server: nothing is synced to the disk, for nothing here outlives its test. What was
 * committed outlives the server all the same, also one that is killed.
 * @param settings more of `postgresql.conf`, as `name=value`
 */
export async function startPostgres(settings: readonly string[] = []): Promise<RunningPostgres> {
  const place = await newPlace(settings)
  const { folder, data, port, user } = place
  made('initdb', ['-D', data, ...INITDB_OPTIONS], place)
  const start = () => startServer({ folder, data, port, settings, user })
  let server = await start()
  let databases = 0
  return {
    port,
    createDatabase: async () => {
      databases += 1
      const name = `test_${databases}`
      await runOn(urlOf(port, 'postgres'), `create database ${name}`)
      return urlOf(port, name)
    },
    run: runOn,
    kill: () => ended(server, 'SIGQUIT'),
    restart: async () => {
      server = await start()
    },
    startStandby: () => startStandbyOf(place),
    close: async () => {
      await ended(server, 'SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startStandbyOf(primary: ServerPlace): Promise<RunningStandby> {
  const place = await newPlace(primary.settings)
  const from = `host=127.0.0.1 port=${primary.port} user=keyfence`
  const options = ['--write-recovery-conf', '--checkpoint=fast', '--no-sync']
  made('pg_basebackup', ['-D', place.data, '-d', from, ...options], place)
  const server = await startServer(place)
  const primaryUrl = urlOf(primary.port, 'postgres')
  // Not before it follows: until then every commit would wait for it.
  await runOn(primaryUrl, `alter system set synchronous_standby_names = '*'`)
  await runOn(primaryUrl, 'select pg_reload_conf()')
  return {
    port: place.port,
    promote: async () => {
      await runOn(urlOf(place.port, 'postgres'), 'select pg_promote()')
    },
    close: async () => {
      await ended(server, 'SIGQUIT')
      rmSync(place.folder, { recursive: true, force: true })
    },
  }
}

async function newPlace(settings: readonly string[]): Promise<ServerPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-postgres-'))
  const user = serverUser()
  chmodSync(folder, 0o700)
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  return { folder, data: join(folder, 'data'), port: await freePort(), settings, user }
}

function made(program: string, options: readonly string[], { folder, user }: ServerPlace): void {
  const { status, stderr } = spawnSync(join(programs(), program), options, {
    ...user,
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
}

/** As on a server that somebody set up for another language: ids must sort by their octets all the same. */
const INITDB_OPTIONS = [
  '-U',
  'keyfence',
  '-A',
  'trust',
  '-N',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=icu',
  '--icu-locale=en-US',
]

interface ServerPlace {
  readonly folder: string
  readonly data: string
  readonly port: number
  readonly settings: readonly string[]
  readonly user: ServerUser | undefined
}

async function startServer(place: ServerPlace): Promise<ChildProcess> {
  const { folder, data, port, user } = place
  const settings = [...SETTINGS, `unix_socket_directories=${folder}`, ...place.settings]
  const server = spawn(
    join(programs(), 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await isReady(server)
  return server
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'fsync=off',
  'full_page_writes=off',
  'max_connections=200',
  'shared_buffers=32MB',
]

function isReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/ready to accept (?:read-only )?connections/.test(said)) resolve()
    })
    server.once('exit', () => reject(new Error(`postgres did not start: ${said}`)))
  })
}

function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    server.once('exit', () => resolve())
    server.kill(signal)
  })
}

async function runOn(
  url: string,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(statement, [...parameters])).rows
  } finally {
    await client.end()
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://keyfence@127.0.0.1:${port}/${database}`
}

interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function idOf(option: '-u' | '-g'): number {
  return Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout)
}

const DEBIAN_FOLDER = '/usr/lib/postgresql'

function programs(): string {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : []
  const newest = versions.map(Number).sort((one, other) => other - one)[0]
  if (newest === undefined) throw new Error('PostgreSQL is not there: apt-get install postgresql')
  return join(DEBIAN_FOLDER, String(newest), 'bin')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
