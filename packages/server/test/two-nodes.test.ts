import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../src/cli/cli-fixture.ts'
import { type RunningPostgres, startPostgres } from '../src/store/postgres/running-postgres.ts'
import { MANAGEMENT_KEY, type RunningKeyfence, startKeyfence } from './running-keyfence.ts'

let server: RunningPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

describe('two nodes on one database', () => {
  let url: string
  let one: RunningKeyfence
  let other: RunningKeyfence
  beforeEach(async () => {
    url = await server.createDatabase()
    const options = {
      env: { KEYFENCE_DATABASE_URL: url },
      flags: ['--poll-interval-ms=100'],
    }
    ;[one, other] = await Promise.all([startKeyfence(options), startKeyfence(options)])
  })
  afterEach(async () => {
    await Promise.all([one.close(), other.close()])
  })

  test('what is created, restricted and revoked at one is decided by the other', async () => {
    const { id, secret: token } = await manage(one, 'POST /v1/tokens', {
      name: 'x',
      owner: 'acme',
    })
    await until(async () => (await statusAt(other, token)) === 200)
    expect(await statusAt(one, token)).toBe(200)

    const domains = { enabled: true, entries: ['example.com'] }
    const ips = { enabled: false, entries: [] }
    await manage(other, `PUT /v1/tokens/${id}/restrictions`, { domains, ips })
    await until(async () => (await statusAt(one, token)) === 403)
    expect(await statusAt(one, token, { origin: 'https://example.com' })).toBe(200)

    await manage(one, `POST /v1/tokens/${id}/revoke`, {})
    expect(await statusAt(one, token, { origin: 'https://example.com' })).toBe(401)
    await until(
      async () => (await statusAt(other, token, { origin: 'https://example.com' })) === 401,
    )
  })

  test('both decide on while the database is away, and manage again once it is back', async () => {
    const { secret: token } = await manage(one, 'POST /v1/tokens', { name: 'x', owner: 'acme' })
    await until(async () => (await statusAt(other, token)) === 200)
    await server.kill()
    expect(await statusAt(one, token)).toBe(200)
    expect(await statusAt(other, token)).toBe(200)
    expect((await ask(one, 'POST /v1/tokens', { name: 'y', owner: 'acme' })).status).toBe(503)
    await server.restart()
    const next = await manage(one, 'POST /v1/tokens', { name: 'y', owner: 'acme' })
    await until(async () => (await statusAt(other, next.secret)) === 200)
    expect(one.log() + other.log()).not.toContain('hash')
  })

  test('a command finds the database without a node of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyfence-command-'))
    const env = { KEYFENCE_DATABASE_URL: url }
    const argv = ['token', 'create', '--data', folder, '--name', 'x', '--owner', 'acme', '--json']
    const made = await run(argv, { env })
    const { secret: token } = JSON.parse(made.out) as { readonly secret: string }
    await until(async () => (await statusAt(one, token)) === 200)
    const backup = await run(['backup', join(folder, 'x.db'), '--data', folder], { env })
    expect(backup).toMatchObject({ code: 0, out: expect.stringContaining('safe in') })
    const exported = await run(['export', '--data', folder], { env })
    expect(exported).toMatchObject({ code: 2, err: expect.stringContaining('keyfence backup') })
    rmSync(folder, { recursive: true, force: true })
  })
})

test('a database that does not answer ends a command, and is named without its password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-command-'))
  const env = { KEYFENCE_DATABASE_URL: 'postgres://someone:hidden-word@127.0.0.1:1/keyfence' }
  const started = await run(['key', 'list', '--data', folder], { env })
  expect(started).toMatchObject({
    code: 2,
    err: expect.stringContaining('someone:***@127.0.0.1:1'),
  })
  expect(started.err + started.out).not.toContain('hidden-word')
  const shown = await run(['config', 'print', '--json'], { env })
  expect(shown.out).toContain('someone:***@127.0.0.1:1')
  expect(shown.out).not.toContain('hidden-word')
  rmSync(folder, { recursive: true, force: true })
})

/** Asks until it is so; the test's own limit is the only one. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function statusAt(
  node: RunningKeyfence,
  token: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, ...fields }
  return (await fetch(`${node.url}/`, { headers })).status
}

function ask(node: RunningKeyfence, question: string, body: object): Promise<Response> {
  const [method = '', path = ''] = question.split(' ')
  return fetch(`${node.managementUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function manage(
  node: RunningKeyfence,
  question: string,
  body: object,
): Promise<{ readonly id: string; readonly secret: string }> {
  const answer = await ask(node, question, body)
  expect(answer.ok, `${question}: ${answer.status}`).toBe(true)
  return (await answer.json()) as { readonly id: string; readonly secret: string } // of what was asked
}
