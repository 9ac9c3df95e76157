import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../src/store/postgres/running-postgres.ts'
import { MANAGEMENT_KEY, type RunningKeyfence, send, startKeyfence } from './running-keyfence.ts'

let server: RunningPostgres
let url: string
let one: RunningKeyfence
let other: RunningKeyfence

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

async function startBoth(flags: readonly string[] = []): Promise<void> {
  url = await server.createDatabase()
  const options = { env: { KEYFENCE_DATABASE_URL: url }, flags }
  ;[one, other] = await Promise.all([startKeyfence(options), startKeyfence(options)])
}

afterEach(async () => {
  await Promise.all([one.close(), other.close()])
})

describe('waiting for two nodes', () => {
  // Their leases last for seven and a half seconds.
  beforeEach(() => startBoth(['--max-staleness-ms=5000']))

  test('a revocation that was waited for is obeyed by both when it is answered', async () => {
    const { id, secret } = await issue()
    const { status, body } = await revoke(`/${id}/revoke`, 'wait=all')
    expect([status, statesIn(body)]).toEqual([200, ['applied', 'applied']])
    expect(await statusAt(other, secret)).toBe(401)
    const listed = async () => (await ask(other, 'GET /v1/nodes')).body.items
    // A node says how far it is once a second at most, and before it has read anything for the first time.
    await until(async () => (await listed()).every(({ isFresh }) => isFresh))
    expect(await listed()).toMatchObject([{ isSelf: true }, { isSelf: false }])
  })

  test('a node that stands still is named, and asking again waits for it', async () => {
    const { id, secret } = await issue()
    other.process.kill('SIGSTOP')
    const { status, body } = await revoke(`/${id}/revoke`, 'wait=all&waitSeconds=1')
    expect([status, statesIn(body)]).toEqual([202, ['applied', 'pending']])
    other.process.kill('SIGCONT')
    expect(await revoke(`/${id}/revoke`, 'wait=all')).toMatchObject({ status: 200 })
    expect(await statusAt(other, secret)).toBe(401)
  })

  test('a node that stands still for longer than its lease is gone, and allows nothing', async () => {
    const { id, secret } = await issue()
    other.process.kill('SIGSTOP')
    const { status, body } = await revoke(`/${id}/revoke`, 'wait=all&waitSeconds=120')
    expect([status, statesIn(body)]).toEqual([200, ['applied', 'gone']])
    other.process.kill('SIGCONT')
    expect([401, 503]).toContain(await statusAt(other, secret))
  })

  test('a node that stops is waited for no longer, and one that starts is', async () => {
    const { id } = await issue()
    await other.stop()
    const { body } = await revoke(`/${id}/revoke`, 'wait=all')
    expect(statesIn(body)).toEqual(['applied'])
  })

  test('without the database both answer 503 once their copies are too old, and say why', async () => {
    const { secret } = await issue()
    await server.kill()
    for (const node of [one, other]) {
      await until(async () => (await statusAt(node, secret)) === 503)
      const ready = await send(`${node.managementUrl}/readyz`)
      expect(ready.status).toBe(503)
      expect(JSON.parse(ready.body)).toMatchObject({
        reason: 'copy_too_old',
        store: 'unavailable',
      })
    }
    await server.restart()
    for (const node of [one, other]) {
      await until(async () => (await statusAt(node, secret)) === 200)
    }
  })
})

describe('ten thousand tokens', () => {
  beforeEach(() => startBoth())

  test('are revoked by one call, and both nodes obey when it is answered', async () => {
    const { secret } = await issue('many')
    await server.run(url, MANY_TOKENS)
    const last = await issue('many')
    await until(async () => (await statusAt(other, last.secret)) === 200)
    const began = performance.now()
    const { status, body } = await revoke('/revoke', 'wait=all', { owner: 'many' })
    const tookMs = performance.now() - began
    expect([status, body.revoked, statesIn(body)]).toEqual([200, 10_000, ['applied', 'applied']])
    for (const node of [one, other]) {
      expect(await statusAt(node, secret)).toBe(401)
      expect(await statusAt(node, last.secret)).toBe(401)
    }
    // What it took is told, not judged: that is the machine's.
    process.stdout.write(`10,000 tokens revoked at two nodes in ${Math.round(tookMs)} ms\n`)
    const again = await revoke('/revoke', 'wait=all', { owner: 'many' })
    expect(again).toMatchObject({ status: 200, body: { revoked: 0 } })
  }, 180_000)
})

describe('a database that is away when a node starts', () => {
  beforeEach(() => startBoth())

  test('keeps it from allowing anything until it is back, and not from running', async () => {
    const { secret } = await issue()
    await other.stop()
    await other.close()
    await server.kill()
    other = await startKeyfence({ env: { KEYFENCE_DATABASE_URL: url } })
    expect(await statusAt(other, secret)).toBe(503)
    const ready = await send(`${other.managementUrl}/readyz`)
    expect(ready.status).toBe(503)
    expect(JSON.parse(ready.body)).toMatchObject({ reason: 'no_copy', store: 'unavailable' })
    const asked = await send(`${other.managementUrl}/v1/tokens`, {
      headers: { authorization: `Bearer ${MANAGEMENT_KEY}` },
    })
    expect(asked).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    await server.restart()
    await until(async () => (await statusAt(other, secret)) === 200)
    await until(async () => (await send(`${other.managementUrl}/readyz`)).status === 200)
    expect((await revoke('/revoke', 'wait=all', { owner: 'acme' })).status).toBe(200)
    expect(await statusAt(other, secret)).toBe(401)
  })
})

/** With the two that are issued, ten thousand; each with a secret that nobody has. */
const MANY_TOKENS = `
  create temporary table made on commit drop as
    select 'tok_01a20dc4-9a60-7696-a970-' || lpad(to_hex(i), 12, '0') as id, encode(sha256(i::text::bytea), 'hex') as hash
    from generate_series(1, 9998) as i;
  insert into tokens (id, name, owner, hint, metadata, created_at, status, mode, domains_enabled,
    ips_enabled, version)
  select id, 'x', 'many', '', '{}', 0, 'active', 'enforce', 0, 0, 1 from made;
  insert into secrets (hash, token_id, created_at) select hash, id, 0 from made;
  insert into changes (token_id, created_at, owner) select id, 0, 'many' from made`

interface Body {
  readonly id: string
  readonly secret: string
  readonly revoked: number
  readonly nodes: readonly { readonly name: string; readonly state: string }[]
  readonly items: readonly { readonly isSelf: boolean; readonly isFresh: boolean }[]
}

async function ask(
  node: RunningKeyfence,
  question: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: Body }> {
  const [method = '', path = ''] = question.split(' ')
  const answer = await fetch(`${node.managementUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Body } // the members that tests read
}

/** A token that both nodes know. */
async function issue(owner = 'acme'): Promise<Body> {
  const { body } = await ask(one, 'POST /v1/tokens', { name: 'x', owner })
  await until(async () => (await statusAt(other, body.secret)) === 200)
  return body
}

/** Again where a node that stood still in the middle of a write kept the turn: that is safe. */
async function revoke(path: string, query: string, body: object = {}) {
  for (;;) {
    const answer = await ask(one, `POST /v1/tokens${path}?${query}`, body)
    if (answer.status !== 503) return answer
  }
}

/** The states in the order of their names: the node that was asked has applied it first. */
function statesIn({ nodes }: Body): readonly string[] {
  return nodes.map(({ state }) => state).toSorted()
}

async function statusAt(node: RunningKeyfence, token: string): Promise<number> {
  return (await send(`${node.url}/`, { headers: { authorization: `Bearer ${token}` } })).status
}

/** Asks until it is so; the test's own limit is the only one. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
