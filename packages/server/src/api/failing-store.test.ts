import { sql } from 'kysely'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RunningApi, startApi } from './running-api.ts'

let api: RunningApi
let key: string

beforeEach(async () => {
  api = await startApi()
  key = await api.key(['read', 'write'])
})
afterEach(() => api.stop())

const draft = { name: 'x'.repeat(200), owner: 'alice', metadata: { filler: 'x'.repeat(200) } }
const create = () => api.ask('POST', '/v1/tokens', { key, body: draft })

/** How many rows each table has. */
async function counts(): Promise<unknown> {
  const { rows } = await sql`
    select (select count(*) from tokens) as tokens, (select count(*) from secrets) as secrets,
      (select count(*) from changes) as changes, (select count(*) from audit) as audit,
      (select count(*) from idempotent_answers) as answers`.execute(api.db)
  return rows[0]
}

/** No page more than the database has: what SQLite sees of a full disk. */
const fill = () => sql`pragma max_page_count = 1`.execute(api.db)
const makeRoom = () => sql`pragma max_page_count = 1000000`.execute(api.db)

describe('a full disk', () => {
  test('is 507, with nothing half written, and what is known is still decided', async () => {
    const token = await api.token()
    await fill()
    let answer = await create()
    // The last page has room for some.
    for (let tries = 0; answer.status === 201 && tries < 100; tries++) answer = await create()
    expect([answer.status, answer.body['code']]).toEqual([507, 'store_full'])
    const before = await counts()
    expect((await create()).status).toBe(507)
    expect(await counts()).toEqual(before)
    expect(api.lookUp(token.secret)).toMatchObject({ state: 'known' })
    expect((await api.ask('GET', '/v1/tokens', { key })).status).toBe(200)
  })

  test('half way through an import leaves none of it', async () => {
    await fill()
    const before = await counts()
    const tokens = Array.from({ length: 200 }, (_, at) => ({
      ...draft,
      hash: at.toString(16).padStart(64, '0'),
    }))
    const headers = { 'Idempotency-Key': 'full' }
    const question = { key, body: { tokens }, headers }
    expect((await api.ask('POST', '/v1/tokens/import', question)).status).toBe(507)
    expect(await counts()).toEqual(before)
    await makeRoom()
    const again = await api.ask('POST', '/v1/tokens/import', question)
    expect(again.status).toBe(201)
    expect(again.body['secretAlreadyShown']).toBeUndefined()
  })
})

describe('a store that fails', () => {
  test('under a lock of somebody else is 503 with Retry-After, and goes on afterwards', async () => {
    await sql`pragma busy_timeout = 1`.execute(api.db)
    const other = new DatabaseSync(api.path)
    other.exec('begin immediate')
    const answer = await create()
    expect([answer.status, answer.body['code']]).toEqual([503, 'store_unavailable'])
    expect(answer.headers['retry-after']).toMatch(/^[0-9]+$/)
    expect((await api.ask('GET', '/v1/tokens', { key })).status).toBe(200)
    other.exec('rollback')
    other.close()
    expect((await create()).status).toBe(201)
  })

  test('tells its cause to the log alone, under the name that the answer has', async () => {
    await sql`alter table tokens rename to gone`.execute(api.db)
    for (const answer of [await api.ask('GET', '/v1/tokens', { key }), await create()]) {
      expect(answer.status).toBe(503)
      expect(answer.text).not.toMatch(/gone|tokens"|sql|table/i)
      const [, requestId] =
        /^urn:keyfence:request:(req_.+)$/.exec(String(answer.body['instance'])) ?? []
      expect(api.logged).toContainEqual(expect.objectContaining({ requestId }))
    }
  })

  test('without the keys makes nobody a caller', async () => {
    await sql`alter table management_keys rename to gone`.execute(api.db)
    expect((await api.ask('GET', '/v1/tokens', { key })).status).toBe(503)
    expect((await api.ask('GET', '/v1/tokens', { key: 'unknown' })).status).toBe(503)
    expect((await api.ask('GET', '/v1/tokens')).status).toBe(401)
  })

  test('that breaks after the change was written does not answer as if it were obeyed', async () => {
    await sql`alter table meta rename to gone`.execute(api.db)
    expect((await create()).status).toBe(503)
  })
})

describe('what breaks elsewhere', () => {
  test('is 500 and says nothing of it', async () => {
    await sql`update management_keys set scopes = 'no json'`.execute(api.db)
    const answer = await api.ask('GET', '/v1/tokens', { key })
    expect([answer.status, answer.body['code']]).toEqual([500, 'internal_error'])
    expect(answer.text).not.toMatch(/json"|token 'o'|SyntaxError/i)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(api.logged).toHaveLength(1)
  })
})

describe('readiness', () => {
  test.each<{ given: string; prepare: () => unknown; status: number; reason: string | null }>([
    { given: 'a fresh copy', prepare: () => {}, status: 200, reason: null },
    {
      given: 'a node that drains',
      prepare: () => {
        api.state.isDraining = true
      },
      status: 503,
      reason: 'draining',
    },
    {
      given: 'a loop that is late',
      prepare: () => {
        api.state.isLoopLate = true
      },
      status: 503,
      reason: 'event_loop_late',
    },
    {
      given: 'a loop that is late, for a node that drains',
      prepare: () => {
        api.state.isLoopLate = true
        api.state.isDraining = true
      },
      status: 503,
      reason: 'draining',
    },
    {
      given: 'a loop that is late, and an old copy',
      prepare: () => {
        api.state.isLoopLate = true
        api.time.wall += 60_001
      },
      status: 503,
      reason: 'copy_too_old',
    },
    {
      given: 'a copy of a minute ago',
      prepare: () => {
        api.time.wall += 60_000
      },
      status: 200,
      reason: null,
    },
    {
      given: 'an older copy',
      prepare: () => {
        api.time.wall += 60_001
      },
      status: 503,
      reason: 'copy_too_old',
    },
    {
      given: 'a clock set back and a minute gone',
      prepare: () => {
        api.time.wall -= 3_600_000
        api.time.monotonic += 60_001
      },
      status: 503,
      reason: 'copy_too_old',
    },
  ])('with $given is $status', async ({ prepare, status, reason }) => {
    await prepare()
    const answer = await api.ask('GET', '/readyz')
    expect([answer.status, answer.body['reason']]).toEqual([status, reason])
  })

  test('is not lost with the store: known tokens are decided until the copy is too old', async () => {
    await api.context.store.close()
    const answer = await api.ask('GET', '/readyz')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ status: 'ready', store: 'unavailable' })
    api.time.monotonic += 60_001
    expect((await api.ask('GET', '/readyz')).status).toBe(503)
    expect((await api.ask('GET', '/healthz')).status).toBe(200)
  })
})

test('metrics count answers by method and status, and nothing of callers', async () => {
  await api.ask('GET', '/v1/tokens')
  await api.ask('PROPFIND', '/v1/tokens')
  const { text, headers } = await api.ask('GET', '/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(text).toContain('keyfence_management_requests_total{method="GET",status="401"} 1')
  expect(text).toContain('keyfence_management_requests_total{method="other",status="405"} 1')
  expect(text).not.toMatch(/alice|tok_|kfm?_/)
})
