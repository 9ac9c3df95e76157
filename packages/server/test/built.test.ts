/** The package as it is published, in a folder of its own: nothing that it was built from is near. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  MANAGEMENT_KEY,
  manage,
  type RunningKeyfence,
  send,
  startKeyfence,
} from './running-keyfence.ts'

const ROOT = join(import.meta.dirname, '../../..')

let folder: string
let built: string
let keyfence: RunningKeyfence

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-built-'))
  built = join(folder, 'server')
  execFileSync(process.execPath, [join(ROOT, 'scripts/build-packages.mjs'), folder, 'server'])
  const program = join(built, 'bin/keyfence.js')
  // Two workers, so that every kind of thread runs: SQLite, decisions, and on its end the snapshot.
  keyfence = await startKeyfence({ program, flags: ['--workers=2'] })
}, 120_000)
afterAll(async () => {
  await keyfence.close()
  rmSync(folder, { recursive: true, force: true })
})

test('issues a token, restricts it, and judges its requests', async () => {
  const { body: token } = await manage(keyfence, 'POST /v1/tokens', {
    name: 'shop',
    owner: 'acme',
    restrictions: {
      domains: { enabled: true, entries: [{ value: 'shop.example.com' }] },
      ips: { enabled: false, entries: [] },
    },
  })
  const from = (origin: string) =>
    send(keyfence.url, { headers: { authorization: `Bearer ${token.secret}`, origin } })
  expect((await from('https://shop.example.com')).status).toBe(200)
  expect(await from('https://example.net')).toMatchObject({
    status: 403,
    body: '{"error":"Access denied. You don\'t have permission to access this."}',
  })
})

test('serves the console that it brings along', async () => {
  const page = await send(`${keyfence.managementUrl}/`, { headers: { accept: 'text/html' } })
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  const [script] = /\/assets\/[^"]+\.js/.exec(page.body) ?? []
  expect((await send(`${keyfence.managementUrl}${script}`)).status).toBe(200)
})

test('guesses a password, in the thread that knows the common ones', async () => {
  const { body } = await manage(keyfence, 'POST /v1/sign-in-links', {})
  const link = body.link.split('#')[1]
  // As a browser has it, and the link says so.
  const { origin, host } = new URL(body.link)
  const answer = await send(`${keyfence.managementUrl}/v1/session/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, host },
    body: JSON.stringify({ link, name: 'Ann', password: 'password1234' }),
  })
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([422, 'password_refused'])
})

test('ends in order and starts again from what it kept', async () => {
  expect(await keyfence.stop()).toBe(0)
  const program = join(built, 'bin/keyfence.js')
  const again = await startKeyfence({ program, folder: keyfence.folder })
  const listed = await send(`${again.managementUrl}/v1/tokens`, {
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}` },
  })
  expect(JSON.parse(listed.body)).toMatchObject({ items: [{ name: 'shop' }] })
  expect(await again.stop()).toBe(0)
  await again.close()
})

test('says what is inside, and asks npm for the client’s one package alone', () => {
  const manifest = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8'))
  expect([Object.keys(manifest.dependencies), manifest.devDependencies]).toEqual([
    ['openapi-fetch'],
    undefined,
  ])
  const inside = readFileSync(join(built, 'THIRD-PARTY.txt'), 'utf8')
  for (const name of ['hono', 'kysely', 'pg', 'undici', 'zod']) {
    expect(inside).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, MIT$`, 'm'))
  }
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /\.test\.|schema\.d\.ts\.|\.map$/.test(name))).toEqual([])
})

test('has the client of the management API, with its types', async () => {
  mkdirSync(join(built, 'node_modules'), { recursive: true })
  // What a registry would bring.
  symlinkSync(join(ROOT, 'node_modules/openapi-fetch'), join(built, 'node_modules/openapi-fetch'))
  const client: unknown = await import(pathToFileURL(join(built, 'client/index.js')).href)
  expect(Object.keys(client as object).toSorted()).toEqual(['ManagementProblem', 'createClient'])
  expect(readFileSync(join(built, 'client/index.d.ts'), 'utf8')).toContain('KeyfenceClientOptions')
})
