import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../../config/database-url.ts'
import { openPostgres } from './open-postgres.ts'
import { type RunningPostgres, serverUser, startPostgres } from './running-postgres.ts'

let folder: string
let url: string
let server: RunningPostgres
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-tls-'))
  chmodSync(folder, 0o755)
  for (const [name, host] of [
    ['server', 'localhost'],
    ['stranger', 'localhost'],
  ] as const) {
    makeCertificate(name, host)
  }
  const key = join(folder, 'server.key')
  const user = serverUser()
  if (user !== undefined) chownSync(key, user.uid, user.gid)
  chmodSync(key, 0o600)
  const files = [`ssl_cert_file=${join(folder, 'server.crt')}`, `ssl_key_file=${key}`]
  server = await startPostgres(['ssl=on', ...files])
  url = await server.createDatabase()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function makeCertificate(name: string, host: string): void {
  const [key, certificate] = ['key', 'crt'].map((ending) => join(folder, `${name}.${ending}`))
  const made = spawnSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${host} -addext subjectAltName=DNS:${host} -keyout ${key} -out ${certificate}`.split(
      ' ',
    ),
    { encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr}`)
}

test.each<{ host: string; ca: string; opens: boolean; because: string }>([
  { host: 'localhost', ca: 'server', opens: true, because: 'the CA that was named, and its host' },
  { host: '127.0.0.1', ca: 'server', opens: false, because: 'a certificate of another host' },
  { host: 'localhost', ca: 'stranger', opens: false, because: 'a certificate of another CA' },
  { host: 'localhost', ca: '', opens: false, because: 'a CA that Node does not know' },
])('a server is taken for the right one ($opens): $because', async ({ host, ca, opens }) => {
  const file = ca === '' ? '' : `&sslrootcert=${join(folder, `${ca}.crt`)}`
  const place = parseDatabaseUrl(`${url.replace('127.0.0.1', host)}?sslmode=verify-full${file}`)
  if (!place.ok) throw new TypeError(place.problem)
  const opening = openPostgres({
    place: place.value,
    limits: { connectionsMax: 1, timeoutMs: 5000 },
    random: randomBytes,
    progress: () => {},
  })
  if (!opens) return expect(opening).rejects.toMatchObject({ code: 'store_unavailable' })
  const store = await opening
  await store.ping()
  const encrypted = await server.run(url, ENCRYPTED)
  expect(encrypted.length).toBeGreaterThan(0)
  expect(encrypted.every(({ ssl }) => ssl === true)).toBe(true)
  await store.close()
})

const ENCRYPTED = `select ssl from pg_stat_ssl join pg_stat_activity using (pid)
  where application_name = 'keyfence'`
