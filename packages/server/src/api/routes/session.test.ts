import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeDemoLink } from '../../demo/demo-administrator.ts'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

const ORIGIN = 'https://keys.example.com'
const PASSWORD = 'umbrella seven trombone'
const OTHER = 'quietly eleven giraffes'
const HOUR = 3_600_000
const LIMIT_PER_NAME = 10

let api: RunningApi

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

/** A browser: it keeps the cookie and says the origin of its page. */
class Browser {
  cookie: string | undefined
  csrfToken: string | undefined

  async ask(route: string, body?: unknown, more: object = {}): Promise<Answer> {
    const [method = '', target = ''] = route.split(' ')
    const headers = {
      ...(method === 'GET' ? {} : { Origin: ORIGIN }),
      ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
      ...(this.csrfToken === undefined ? {} : { 'Keyfence-CSRF-Token': this.csrfToken }),
      ...more,
    }
    const answer = await api.ask(method, target, { body, headers })
    const [set] = answer.headers['set-cookie'] ?? []
    if (set !== undefined) this.cookie = set.split(';')[0]
    if (typeof answer.body['csrfToken'] === 'string') this.csrfToken = answer.body['csrfToken']
    return answer
  }
}

async function firstLink(): Promise<string> {
  const answer = await api.operator('/v1/sign-in-links', {})
  return String(answer['link']).split('#')[1] ?? ''
}

async function setUp(name = 'Ann'): Promise<Browser> {
  const browser = new Browser()
  const link = await firstLink()
  const answer = await browser.ask('POST /v1/session/link', { link, name, password: PASSWORD })
  expect(answer.status).toBe(200)
  return browser
}

const signIn = (browser: Browser, name: string, password: string) =>
  browser.ask('POST /v1/session', { name, password })

const isSignedIn = async (browser: Browser) =>
  (await browser.ask('GET /v1/session')).body['signedIn']

describe('the first administrator', () => {
  test('chooses name and password by the link, is signed in, and needs no set-up again', async () => {
    const before = await new Browser().ask('GET /v1/session')
    expect(before.body).toEqual({ signedIn: false, needsSetUp: true })
    const ann = await setUp()
    expect((await ann.ask('GET /v1/session')).body).toMatchObject({
      signedIn: true,
      administrator: { name: 'Ann', role: 'admin' },
    })
    const other = await new Browser().ask('GET /v1/session')
    expect(other.body).toEqual({ signedIn: false, needsSetUp: false })
  })

  test('gets a cookie for this host alone, that no script reads', async () => {
    const link = await firstLink()
    const body = { link, name: 'Ann', password: PASSWORD }
    const answer = await new Browser().ask('POST /v1/session/link', body)
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-keyfence-session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
  })

  test.each<{ name: string | undefined; password: string; status: number; because: string }>([
    { name: undefined, password: PASSWORD, status: 400, because: 'no name' },
    { name: 'Ann', password: 'short', status: 422, because: 'too short' },
    { name: 'Ann', password: 'passwordpassword', status: 422, because: 'common' },
  ])('is refused with $status and may try again: $because', async ({ name, password, status }) => {
    const browser = new Browser()
    const link = await firstLink()
    const refused = await browser.ask('POST /v1/session/link', { link, name, password })
    expect(refused.status).toBe(status)
    const body = { link, name: 'Ann', password: PASSWORD }
    expect((await browser.ask('POST /v1/session/link', body)).status).toBe(200)
  })
})

describe('a link', () => {
  const check = async (link: string) =>
    (await new Browser().ask('POST /v1/session/link/check', { link })).status

  test('works once, of many at the same time too', async () => {
    const link = await firstLink()
    const body = (name: string) => ({ link, name, password: PASSWORD })
    const answers = await Promise.all(
      ['Ann', 'Bob', 'Cid', 'Dee'].map((name) =>
        new Browser().ask('POST /v1/session/link', body(name)),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 401, 401, 401])
    expect(await check(link)).toBe(401)
  })

  test('works for 30 minutes', async () => {
    const link = await firstLink()
    api.time.wall += 30 * 60_000 - 1
    expect(await check(link)).toBe(200)
    api.time.wall += 1
    expect(await check(link)).toBe(401)
  })

  test('is void as soon as another is made', async () => {
    const [first, second] = [await firstLink(), await firstLink()]
    expect([await check(first), await check(second)]).toEqual([401, 200])
  })

  test('for the first administrator is void once there is one, and none is made any more', async () => {
    const link = await firstLink()
    await api.operator('/v1/administrators', { name: 'Bob', role: 'admin' })
    expect(await check(link)).toBe(401)
    const another = await api.operator('/v1/sign-in-links', {})
    expect(another['code']).toBe('conflict')
  })

  test.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(42)}=`])('"%s" is none', async (link) => {
    expect(await check(link)).toBe(401)
  })

  test('that signs in asks for no password, and works once', async () => {
    const link = await makeDemoLink(api.context.store, { now: api.time.wall, random: randomBytes })
    const demo = new Browser()
    const checked = await demo.ask('POST /v1/session/link/check', { link })
    expect(checked.body).toEqual({ purpose: 'sign_in', name: 'demo' })
    expect((await demo.ask('POST /v1/session/link', { link })).status).toBe(200)
    expect(await isSignedIn(demo)).toBe(true)
    expect((await new Browser().ask('POST /v1/session/link', { link })).status).toBe(401)
    expect((await signIn(new Browser(), 'demo', '')).status).toBe(401)
  })

  test('of a reset ends every session of before', async () => {
    const ann = await setUp()
    const made = await api.operator('/v1/sign-in-links', { name: 'ANN' })
    const link = String(made['link']).split('#')[1]
    const elsewhere = new Browser()
    const checked = await elsewhere.ask('POST /v1/session/link/check', { link })
    expect(checked.body).toEqual({ purpose: 'reset', name: 'Ann' })
    await elsewhere.ask('POST /v1/session/link', { link, password: OTHER })
    expect([await isSignedIn(ann), await isSignedIn(elsewhere)]).toEqual([false, true])
    expect((await signIn(new Browser(), 'Ann', PASSWORD)).status).toBe(401)
  })
})

describe('signing in', () => {
  beforeEach(() => setUp())

  test.each([
    { name: 'Ann', password: PASSWORD, status: 200, because: 'both are right' },
    { name: 'aNN', password: PASSWORD, status: 200, because: 'a name in any case' },
    { name: 'Ann', password: OTHER, status: 401, because: 'another password' },
    { name: 'Ann', password: '', status: 401, because: 'no password' },
    { name: 'Bob', password: PASSWORD, status: 401, because: 'nobody of that name' },
  ])('as $name is $status: $because', async ({ name, password, status }) => {
    const answer = await signIn(new Browser(), name, password)
    expect(answer.status).toBe(status)
    if (status === 401) {
      expect(answer.body).toMatchObject({
        code: 'sign_in_failed',
        detail: 'Check the name and the password.',
      })
    }
  })

  test('gives a new session, and ends the one that the browser had', async () => {
    const browser = new Browser()
    await signIn(browser, 'Ann', PASSWORD)
    const { cookie } = browser
    await signIn(browser, 'Ann', PASSWORD)
    expect(browser.cookie).not.toBe(cookie)
    const fixed = new Browser()
    fixed.cookie = cookie
    expect(await isSignedIn(fixed)).toBe(false)
  })

  test('is limited by name, for names that nobody has too', async () => {
    for (const name of ['Ann', 'Nobody']) {
      const attempts = Array.from({ length: LIMIT_PER_NAME }, () =>
        signIn(new Browser(), name, OTHER),
      )
      const statuses = (await Promise.all(attempts)).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([401]))
      const tooMany = await signIn(new Browser(), name, PASSWORD)
      expect([tooMany.status, tooMany.headers['retry-after']]).toEqual([429, '900'])
    }
    api.time.wall += 14 * 60_000 + 18_000
    const stillTooMany = await signIn(new Browser(), 'Ann', PASSWORD)
    expect(stillTooMany.body['detail']).toBe('Try again in 1 minute.')
    api.time.wall += 42_000
    expect((await signIn(new Browser(), 'Ann', PASSWORD)).status).toBe(200)
  })

  test.each<{ headers: Record<string, string>; because: string }>([
    { headers: { Origin: 'https://evil.example' }, because: 'another site' },
    { headers: { Origin: 'null' }, because: 'a page without an origin' },
    { headers: { Origin: 'http://keys.example.com' }, because: 'another scheme' },
    { headers: { 'Sec-Fetch-Site': 'cross-site' }, because: 'another site' },
  ])('is for our own page: $headers is refused, $because', async ({ headers }) => {
    const body = { name: 'Ann', password: PASSWORD }
    const answer = await new Browser().ask('POST /v1/session', body, headers)
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined])
  })

  test('without an Origin is refused: browsers send one', async () => {
    const body = { name: 'Ann', password: PASSWORD }
    expect((await api.ask('POST', '/v1/session', { body })).status).toBe(403)
  })
})

describe('a session', () => {
  let ann: Browser

  beforeEach(async () => {
    ann = await setUp()
  })

  const create = (more: object = {}) =>
    ann.ask('POST /v1/tokens', { name: 'x', owner: 'alice' }, more)

  test('reads and changes, and its changes are in the audit log by its administrator', async () => {
    // Entries of one millisecond are in any order.
    api.time.wall += 1
    expect((await create()).status).toBe(201)
    const { body } = await ann.ask('GET /v1/audit')
    const [latest] = body['items'] as { actor: string; action: string }[] // the API's own shape
    expect(latest).toMatchObject({
      action: 'token.create',
      actor: expect.stringMatching(/^adm_/),
    })
  })

  test.each<{ more: Record<string, string>; because: string }>([
    { more: { 'Keyfence-CSRF-Token': '' }, because: 'no CSRF token' },
    { more: { 'Keyfence-CSRF-Token': 'A'.repeat(43) }, because: 'another one' },
    { more: { Origin: 'https://evil.example' }, because: 'another site’s page' },
    { more: { Origin: '' }, because: 'an empty origin' },
  ])('changes nothing with $because', async ({ more }) => {
    expect((await create(more)).status).toBe(403)
    expect((await ann.ask('GET /v1/tokens')).body['items']).toEqual([])
  })

  test('changes a token only by its version', async () => {
    const { id } = (await create()).body
    const rename = (more: object) => ann.ask(`PATCH /v1/tokens/${id}`, { name: 'y' }, more)
    expect((await rename({})).status).toBe(428)
    expect((await rename({ 'If-Match': '"7"' })).status).toBe(412)
    expect((await rename({ 'If-Match': '"1"' })).status).toBe(200)
  })

  test('ends with signing out, for whoever has copied the cookie too', async () => {
    const copy = new Browser()
    copy.cookie = ann.cookie
    const out = await ann.ask('DELETE /v1/session')
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringContaining('Max-Age=0'),
    ])
    expect(await isSignedIn(copy)).toBe(false)
    expect((await copy.ask('GET /v1/tokens')).status).toBe(401)
  })

  test('ends after an hour without a request', async () => {
    api.time.wall += HOUR
    expect((await ann.ask('GET /v1/tokens')).status).toBe(200)
    api.time.wall += HOUR
    expect((await ann.ask('GET /v1/tokens')).status).toBe(200)
    api.time.wall += HOUR + 1
    expect((await ann.ask('GET /v1/tokens')).status).toBe(401)
  })

  test('ends after twelve hours, however busy', async () => {
    for (let hour = 0; hour < 12; hour++) {
      api.time.wall += HOUR
      expect((await ann.ask('GET /v1/tokens')).status).toBe(200)
    }
    api.time.wall += 1
    expect((await ann.ask('GET /v1/tokens')).status).toBe(401)
  })

  test('does not come back when the clock is set back', async () => {
    api.time.wall -= 13 * HOUR
    expect((await ann.ask('GET /v1/tokens')).status).toBe(401)
  })

  test('of another password goes on here and nowhere else', async () => {
    const elsewhere = new Browser()
    await signIn(elsewhere, 'Ann', PASSWORD)
    const { cookie } = ann
    const body = { current: PASSWORD, password: OTHER }
    expect((await ann.ask('PUT /v1/session/password', body)).status).toBe(200)
    const old = new Browser()
    old.cookie = cookie
    const states = [await isSignedIn(ann), await isSignedIn(elsewhere), await isSignedIn(old)]
    expect(states).toEqual([true, false, false])
    expect((await signIn(new Browser(), 'Ann', PASSWORD)).status).toBe(401)
    expect((await signIn(new Browser(), 'Ann', OTHER)).status).toBe(200)
  })

  test.each([
    { current: OTHER, password: OTHER, status: 401, because: 'the present one is wrong' },
    { current: PASSWORD, password: 'short', status: 422, because: 'the new one is short' },
  ])('keeps its password if $because', async ({ current, password, status }) => {
    const answer = await ann.ask('PUT /v1/session/password', { current, password })
    expect(answer.status).toBe(status)
    expect((await signIn(new Browser(), 'Ann', PASSWORD)).status).toBe(200)
  })

  test.each(['__Host-keyfence-session=', 'keyfence-session=', 'session='])(
    'is not what another cookie says: %s',
    async (name) => {
      const forged = new Browser()
      forged.cookie = `${name}${'A'.repeat(43)}`
      expect((await forged.ask('GET /v1/tokens')).status).toBe(401)
    },
  )

  test('is not shown by two cookies of one name: one of them is somebody else’s', async () => {
    const own = ann.cookie
    ann.cookie = `${own}; ${own}`
    expect((await ann.ask('GET /v1/tokens')).status).toBe(401)
  })

  test('does not help a request that brings a wrong key', async () => {
    const more = { Authorization: 'Bearer something-else' }
    expect((await ann.ask('GET /v1/tokens', undefined, more)).status).toBe(401)
  })
})

describe('administrators', () => {
  let ann: Browser

  beforeEach(async () => {
    ann = await setUp()
  })

  async function invite(name: string, role: string): Promise<{ id: string; browser: Browser }> {
    // Those of one millisecond are in any order.
    api.time.wall += 1
    const invited = await ann.ask('POST /v1/administrators', { name, role })
    expect(invited.status).toBe(201)
    const browser = new Browser()
    const link = String(invited.body['link']).split('#')[1]
    await browser.ask('POST /v1/session/link', { link, password: OTHER })
    return { id: invited.body.id, browser }
  }

  test('are invited by a link, once for each name', async () => {
    await invite('Bob', 'viewer')
    const again = await ann.ask('POST /v1/administrators', { name: 'bOB', role: 'admin' })
    expect(again.status).toBe(409)
    const { body } = await ann.ask('GET /v1/administrators')
    expect(body['items']).toMatchObject([
      { name: 'Ann', role: 'admin', hasPassword: true },
      { name: 'Bob', role: 'viewer', hasPassword: true },
    ])
  })

  test('that are viewers see everything and change nothing', async () => {
    const { browser } = await invite('Bob', 'viewer')
    expect((await browser.ask('GET /v1/tokens')).status).toBe(200)
    const draft = { name: 'x', owner: 'alice' }
    expect((await browser.ask('POST /v1/tokens', draft)).status).toBe(403)
    const self = { name: 'Cid', role: 'admin' }
    expect((await browser.ask('POST /v1/administrators', self)).status).toBe(403)
  })

  test('that are removed are out at once', async () => {
    const { id, browser } = await invite('Bob', 'admin')
    expect((await ann.ask(`DELETE /v1/administrators/${id}`)).status).toBe(204)
    expect((await browser.ask('GET /v1/tokens')).status).toBe(401)
    expect((await signIn(new Browser(), 'Bob', OTHER)).status).toBe(401)
  })

  test('of another role have it from the next request', async () => {
    const { id, browser } = await invite('Bob', 'viewer')
    await ann.ask(`PATCH /v1/administrators/${id}`, { role: 'admin' })
    expect((await browser.ask('POST /v1/tokens', { name: 'x', owner: 'a' })).status).toBe(201)
  })

  test('the last one who may change things is neither removed nor made a viewer', async () => {
    await ann.ask('POST /v1/administrators', { name: 'Bob', role: 'admin' })
    const { body } = await ann.ask('GET /v1/session')
    const { id } = body['administrator'] as { id: string } // the API's own shape
    const answers = [
      await ann.ask(`DELETE /v1/administrators/${id}`),
      await ann.ask(`PATCH /v1/administrators/${id}`, { role: 'viewer' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([409, 409])
  })

  test.each<{ method: string; target: string; body?: object; status: number; because: string }>([
    {
      method: 'POST',
      target: '/v1/administrators',
      body: { name: 'Eve', role: 'admin' },
      status: 403,
      because: 'a key makes nobody who may do more',
    },
    {
      method: 'POST',
      target: '/v1/administrators',
      body: { name: 'Eve', role: 'viewer' },
      status: 201,
      because: 'it may do more itself',
    },
    {
      method: 'POST',
      target: '/v1/sign-in-links',
      body: { name: 'Ann' },
      status: 403,
      because: 'a link is its administrator',
    },
    {
      method: 'POST',
      target: '/v1/sign-in-links',
      body: { name: 'Nobody' },
      status: 404,
      because: 'nobody of that name',
    },
  ])('$method $target by a key to write is $status: $because', async (row) => {
    const key = await api.key(['read', 'write'])
    const answer = await api.ask(row.method, row.target, { key, body: row.body })
    expect(answer.status).toBe(row.status)
  })
})

test('nothing of a person is stored in the clear, nor shown again', async () => {
  const ann = await setUp()
  const secrets = [PASSWORD, String(ann.cookie).split('=')[1] ?? '', ann.csrfToken ?? '']
  const rows = JSON.stringify([
    await api.db.selectFrom('administrators').selectAll().execute(),
    await api.db.selectFrom('sessions').selectAll().execute(),
    await api.db.selectFrom('audit').selectAll().execute(),
    api.logged,
  ])
  for (const secret of secrets) expect(rows).not.toContain(secret)
})
