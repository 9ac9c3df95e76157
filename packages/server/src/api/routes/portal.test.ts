import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CAPABILITIES } from '../../access/portal-session.ts'
import { openedPortal, PORTAL_ORIGIN, PortalBrowser, portalLink } from '../portal-browser.ts'
import { type RunningApi, SETTINGS, startApi } from '../running-api.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const GRANT = { owner: 'alice', capabilities: ['restrict'] }

let api: RunningApi

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const open = (link: string, browser = new PortalBrowser(api)) =>
  browser.ask('POST /v1/session/link', { link })

const isIn = async (browser: PortalBrowser) =>
  (await browser.ask('GET /v1/session')).body['signedIn']

const audited = async (owner: string) => {
  const key = await api.key(['read'])
  const { body } = await api.ask('GET', `/v1/audit?owner=${owner}`, { key })
  return body['items'] as { actor: string; action: string; target: string }[] // its shape
}

describe('a link to the portal', () => {
  test('is made of portalUrl, with its secret in the fragment, and says when it expires', async () => {
    const key = await api.key(['read', 'write'])
    const headers = { Host: 'localhost' }
    const made = await api.ask('POST', '/v1/portal-sessions', { key, body: GRANT, headers })
    expect(made.status).toBe(201)
    expect(made.body['link']).toMatch(/^https:\/\/access\.example\.com\/link#[A-Za-z0-9_-]{43}$/)
    const left = Date.parse(String(made.body['expiresAt'])) - api.time.wall
    expect(left).toBe(5 * MINUTE)
  })

  test('works once, of many at the same time too', async () => {
    const link = await portalLink(api, 'alice', [])
    const answers = await Promise.all(Array.from({ length: 6 }, () => open(link)))
    const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other)
    expect(statuses).toEqual([200, 401, 401, 401, 401, 401])
    expect(answers.filter(({ headers }) => headers['set-cookie'] !== undefined)).toHaveLength(1)
    expect((await open(link)).body['code']).toBe('link_not_valid')
  })

  test.each([
    { shiftMs: 5 * MINUTE - 1, status: 200, because: 'within five minutes' },
    { shiftMs: 5 * MINUTE, status: 401, because: 'five minutes later' },
    { shiftMs: -5 * MINUTE, status: 401, because: 'by a clock that was set back' },
  ])('used $because is $status, and never again', async ({ shiftMs, status }) => {
    const link = await portalLink(api, 'alice', [])
    api.time.wall += shiftMs
    expect((await open(link)).status).toBe(status)
    api.time.wall -= shiftMs
    expect((await open(link)).status).toBe(401)
  })

  test.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(42)}=`])('"%s" is none', async (link) => {
    expect((await open(link)).status).toBe(401)
  })

  test('of the console is none here, and one of the portal none there', async () => {
    const made = await api.operator('/v1/sign-in-links', {})
    expect((await open(String(made['link']).split('#')[1] ?? '')).status).toBe(401)
    const link = await portalLink(api, 'alice', CAPABILITIES)
    const body = { link, name: 'Ann', password: 'umbrella seven trombone' }
    const headers = { Origin: SETTINGS.publicUrl }
    const answer = await api.ask('POST', '/v1/session/link', { body, headers })
    expect(answer.status).toBe(401)
  })

  test.each([
    undefined,
    'https://evil.example',
    'null',
    SETTINGS.publicUrl,
    `${PORTAL_ORIGIN}.evil`,
  ])('is not used by a page of %s, and still works', async (origin) => {
    const link = await portalLink(api, 'alice', [])
    const headers = origin === undefined ? {} : { Origin: origin }
    const stolen = await api.portal.ask('POST', '/v1/session/link', { body: { link }, headers })
    expect([stolen.status, stolen.headers['set-cookie']]).toEqual([403, undefined])
    expect((await open(link)).status).toBe(200)
  })
})

test('without a portal no link is made, and the answer says what to set', async () => {
  await api.stop()
  api = await startApi()
  Object.assign(api.context.settings, { portal: undefined })
  const key = await api.key(['read', 'write'])
  const answer = await api.ask('POST', '/v1/portal-sessions', { key, body: GRANT })
  expect([answer.status, answer.body['code']]).toEqual([409, 'conflict'])
  expect(answer.body['detail']).toContain('portalListen')
})

describe('an owner’s session', () => {
  test('says whose it is, what they may do, and where back is', async () => {
    const returnUrl = 'https://app.example.com/tokens?tab=1'
    const made = await api.operator('/v1/portal-sessions', { ...GRANT, returnUrl })
    const browser = new PortalBrowser(api)
    await open(String(made['link']).split('#')[1] ?? '', browser)
    expect((await browser.ask('GET /v1/session')).body).toEqual({
      signedIn: true,
      portal: { ...GRANT, returnUrl },
      csrfToken: browser.csrfToken,
    })
  })

  test.each<{ url: string; frameHosts: string[]; cookie: string; because: string }>([
    {
      url: PORTAL_ORIGIN,
      frameHosts: [],
      cookie: '__Host-keyfence-portal=*; Path=/; HttpOnly; SameSite=Lax; Secure',
      because: 'nobody frames it',
    },
    {
      url: PORTAL_ORIGIN,
      frameHosts: ['https://app.example.com'],
      cookie: '__Host-keyfence-portal=*; Path=/; HttpOnly; SameSite=None; Partitioned; Secure',
      because: 'a frame of another site would not have it else',
    },
    {
      url: 'http://localhost:8082',
      frameHosts: ['http://localhost:3000'],
      cookie: 'keyfence-portal=*; Path=/; HttpOnly; SameSite=Lax',
      because: 'plain http, on this machine',
    },
  ])('has the cookie $cookie: $because', async ({ url, frameHosts, cookie }) => {
    await api.stop()
    api = await startApi({ portal: { url, frameHosts } })
    const link = await portalLink(api, 'alice', [])
    const answer = await new PortalBrowser(api).ask(
      'POST /v1/session/link',
      { link },
      { Origin: url },
    )
    const set = answer.headers['set-cookie']?.map((text) => text.replace(/=[^;]{43};/, '=*;'))
    expect(set).toEqual([cookie])
  })

  test.each([
    { what: 'idle for an hour', steps: [HOUR + 1], isLeft: false },
    { what: 'in use', steps: [HOUR - 1, HOUR - 1, HOUR - 1], isLeft: true },
    { what: 'in use for twelve hours', steps: Array<number>(13).fill(HOUR - 1), isLeft: false },
    { what: 'of a clock set back a day', steps: [-24 * HOUR], isLeft: false },
  ])('$what: $isLeft', async ({ steps, isLeft }) => {
    const browser = await openedPortal(api, 'alice', [])
    for (const step of steps) {
      api.time.wall += step
      await browser.ask('GET /v1/tokens')
    }
    expect(await isIn(browser)).toBe(isLeft)
  })

  test('begins with another secret than the link’s, and ends the one that the browser had', async () => {
    const link = await portalLink(api, 'alice', [])
    const browser = new PortalBrowser(api)
    await open(link, browser)
    expect(browser.cookie).not.toContain(link)
    const earlier = new PortalBrowser(api)
    earlier.cookie = browser.cookie
    await open(await portalLink(api, 'bob', []), browser)
    expect([await isIn(earlier), await isIn(browser)]).toEqual([false, true])
  })

  test('ends when the owner leaves', async () => {
    const browser = await openedPortal(api, 'alice', [])
    const kept = new PortalBrowser(api)
    kept.cookie = browser.cookie
    expect((await browser.ask('DELETE /v1/session')).status).toBe(204)
    expect(await isIn(kept)).toBe(false)
  })

  test('ends with the key that granted it, as do links that nobody used', async () => {
    const { id, secret: key } = await api.operator('/v1/keys', {
      name: 'x',
      scopes: ['read', 'write'],
    })
    const linkBy = async () => {
      const made = await api.ask('POST', '/v1/portal-sessions', { key, body: GRANT })
      return String(made.body['link']).split('#')[1] ?? ''
    }
    const [used, unused] = [await linkBy(), await linkBy()]
    const browser = new PortalBrowser(api)
    await open(used, browser)
    const other = await openedPortal(api, 'alice', [])
    await api.operator(`/v1/keys/${id}/revoke`, {})
    expect([await isIn(browser), await isIn(other)]).toEqual([false, true])
    expect((await open(unused)).status).toBe(401)
  })

  test('changes nothing from a page of elsewhere, or without its CSRF token', async () => {
    const browser = await openedPortal(api, 'alice', CAPABILITIES)
    const body = { name: 'x' }
    const status = async (more: Readonly<Record<string, string>>) =>
      (await browser.ask('POST /v1/tokens', body, more)).status
    expect(await status({ Origin: 'https://evil.example' })).toBe(403)
    expect(await status({ Origin: SETTINGS.publicUrl })).toBe(403)
    expect(await status({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
    expect(await status({ 'Keyfence-CSRF-Token': '' })).toBe(403)
    expect(await status({ 'Keyfence-CSRF-Token': 'A'.repeat(43) })).toBe(403)
    expect(await status({})).toBe(201)
  })

  test.each(['alice', 'bob', 'evil'])(
    'is nobody’s but its owner’s, whatever the body says: %s',
    async (owner) => {
      const body = { owner, capabilities: CAPABILITIES, name: 'x' }
      const headers = { Origin: PORTAL_ORIGIN }
      const answer = await api.portal.ask('POST', '/v1/tokens', { body, headers })
      expect(answer.status).toBe(401)
      const key = await api.key(['read'])
      expect((await api.ask('GET', '/v1/tokens', { key })).body['items']).toEqual([])
    },
  )

  test.each(['\u00a0__Host-keyfence-portal', '__host-keyfence-portal', 'keyfence-portal'])(
    'is not in a cookie named "%s"',
    async (name) => {
      const browser = await openedPortal(api, 'alice', [])
      const secret = browser.cookie?.split('=')[1]
      const headers = { Cookie: Buffer.from(`${name}=${secret}`).toString('latin1') }
      expect((await api.portal.ask('GET', '/v1/tokens', { headers })).status).toBe(401)
    },
  )

  test('is named in the audit log, from the link on', async () => {
    const { id: token } = await api.token({ owner: 'alice' })
    const browser = await openedPortal(api, 'alice', ['disable'])
    await browser.ask(`POST /v1/tokens/${token}/disable`, {})
    const entries = await audited('alice')
    const [link, used, disabled] = ['portal.link', 'portal.open', 'token.disable'].map((action) =>
      entries.find((entry) => entry.action === action),
    )
    expect(link).toMatchObject({ actor: 'operator' })
    expect(link?.target).toMatch(/^por_/)
    expect(used).toMatchObject({ actor: link?.target, target: link?.target })
    expect(disabled).toMatchObject({ actor: link?.target, target: token })
  })

  test('has to name the version that it changes', async () => {
    const { id } = await api.token({ owner: 'alice' })
    const browser = await openedPortal(api, 'alice', ['restrict'])
    const off = { enabled: false, entries: [] }
    const put = (tag: string) =>
      browser.ask(
        `PUT /v1/tokens/${id}/restrictions`,
        { domains: off, ips: off },
        { 'If-Match': tag },
      )
    expect([(await put('"9"')).status, (await put('"1"')).status]).toEqual([412, 200])
  })
})

describe('what an owner may say of a token', () => {
  test.each<{ may: (typeof CAPABILITIES)[number]; body: object; status: number; because: string }>([
    { may: 'settings', body: { name: 'x' }, status: 200, because: 'a name' },
    { may: 'settings', body: { expiresAt: null }, status: 200, because: 'the expiry' },
    { may: 'settings', body: { mode: 'report' }, status: 403, because: 'the mode opens the lists' },
    { may: 'restrict', body: { mode: 'report' }, status: 200, because: 'the mode' },
    { may: 'restrict', body: { name: 'x' }, status: 403, because: 'a name' },
    { may: 'restrict', body: { expiresAt: null }, status: 403, because: 'the expiry' },
    { may: 'restrict', body: { mode: 'report', name: 'x' }, status: 403, because: 'one of two' },
    { may: 'settings', body: { metadata: {} }, status: 403, because: 'metadata is the provider’s' },
  ])('who may $may, $body: $status, $because', async ({ may, body, status }) => {
    const { id } = await api.token({ owner: 'alice' })
    const browser = await openedPortal(api, 'alice', [may])
    expect((await browser.ask(`PATCH /v1/tokens/${id}`, body)).status).toBe(status)
  })

  test.each([
    { asked: 'include=traffic', because: 'how often each was called' },
    { asked: 'attention=refused', because: 'which of them are refused' },
  ])('is not heard without the word for it: $because', async ({ asked }) => {
    const status = async (capabilities: readonly (typeof CAPABILITIES)[number][]) =>
      (await (await openedPortal(api, 'alice', capabilities)).ask(`GET /v1/tokens?${asked}`)).status
    expect([await status([]), await status(['activity'])]).toEqual([403, 200])
  })

  test('is not its metadata where they make it', async () => {
    const browser = await openedPortal(api, 'alice', CAPABILITIES)
    const answer = await browser.ask('POST /v1/tokens', { name: 'x', metadata: { plan: 'gold' } })
    expect([answer.status, answer.body['path']]).toEqual([403, '/metadata'])
  })
})

describe('the pages of the portal', () => {
  const page = { contentType: 'text/html', octets: Buffer.from('<!doctype html>') }
  const html = { Accept: 'text/html' }

  test.each([
    { frameHosts: [], said: "'none'" },
    {
      frameHosts: ['https://app.example.com', 'http://localhost:3000'],
      said: 'https://app.example.com http://localhost:3000',
    },
  ])(
    'may be framed by $said alone, and those of the console by nobody',
    async ({ frameHosts, said }) => {
      await api.stop()
      const portal = { url: PORTAL_ORIGIN, frameHosts }
      api = await startApi({ portal }, new Map([['/index.html', page]]))
      const policyOf = async (at: Pick<RunningApi, 'ask'>) => {
        const answer = await at.ask('GET', '/tokens', { headers: html })
        expect(answer.headers['x-frame-options']).toBeUndefined()
        expect(answer.headers['referrer-policy']).toBe('no-referrer')
        return String(answer.headers['content-security-policy']).split('; ')
      }
      expect(await policyOf(api.portal)).toContain(`frame-ancestors ${said}`)
      expect(await policyOf(api)).toContain("frame-ancestors 'none'")
    },
  )

  test.each([
    { host: 'access.example.com', status: 200 },
    { host: 'localhost', status: 200 },
    { host: 'keys.example.com', status: 421 },
    { host: 'evil.example', status: 421 },
  ])('answer to the host $host with $status', async ({ host, status }) => {
    const answer = await api.portal.ask('GET', '/v1/session', { headers: { Host: host } })
    expect(answer.status).toBe(status)
  })
})
