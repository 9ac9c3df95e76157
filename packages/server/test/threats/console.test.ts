/** Rows T50, T51, T53–T58 of docs/threats.md: who may do what at the management listener. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linkIn, PASSWORD, setUp } from '../console/running-console.ts'
import {
  type Answered,
  manage,
  MANAGEMENT_KEY,
  type RunningKeyfence,
  send,
  startKeyfence,
} from '../running-keyfence.ts'

let keyfence: RunningKeyfence
let origin: string
let ann: string

beforeAll(async () => {
  keyfence = await startKeyfence({})
  const link = new URL(linkIn(keyfence.output()))
  ;({ origin } = link)
  ann = (await setUp(origin, link.hash.slice(1))).join('=')
})

afterAll(() => keyfence.close())

interface Asked {
  readonly cookie?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks as a page of ours does; `headers` replace what it would send. */
function ask(call: string, { cookie, body, headers = {} }: Asked = {}): Promise<Answered> {
  const [method = '', path = ''] = call.split(' ')
  const isWriting = method !== 'GET'
  return send(`${origin}${path}`, {
    method,
    headers: {
      ...(isWriting ? { Origin: origin, 'Content-Type': 'application/json' } : {}),
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** The field that goes with a change of this session. */
async function proofOf(cookie: string): Promise<Readonly<Record<string, string>>> {
  const { csrfToken } = JSON.parse((await ask('GET /v1/session', { cookie })).body)
  return { 'Keyfence-CSRF-Token': csrfToken }
}

const cookieOf = ({ headers }: Answered): string => headers['set-cookie']?.[0]?.split(';')[0] ?? ''

const countOf = async (path: string): Promise<number> => {
  const headers = { Authorization: `Bearer ${MANAGEMENT_KEY}` }
  return JSON.parse((await ask(`GET ${path}`, { headers })).body).items.length
}

async function invite(name: string, role: string): Promise<{ id: string; link: string }> {
  const { body } = await manage(keyfence, 'POST /v1/administrators', { name, role })
  const link = body.link
  return { id: body.id, link: link.slice(link.indexOf('#') + 1) }
}

const follow = (link: string, password = PASSWORD): Promise<Answered> =>
  ask('POST /v1/session/link', { body: { link, password } })

describe('a body cannot say who asks', () => {
  const claims = { userId: 'adm_1', administratorId: 'adm_1', role: 'admin', actor: 'operator' }
  test.each([
    { call: 'POST /v1/tokens', body: { name: 'a', owner: 'b' }, counted: '/v1/tokens' },
    { call: 'POST /v1/keys', body: { name: 'a', scopes: ['read'] }, counted: '/v1/keys' },
    {
      call: 'POST /v1/administrators',
      body: { name: 'Eve', role: 'admin' },
      counted: '/v1/administrators',
    },
  ])('T50 $call: without a session 401, by one that looks 403', async ({ call, body, counted }) => {
    const before = await countOf(counted)
    const { link } = await invite(`Vic ${call}`, 'viewer')
    const viewer = cookieOf(await follow(link))
    const people = await countOf('/v1/administrators')
    for (const sent of [body, { ...body, ...claims }]) {
      expect((await ask(call, { body: sent })).status).toBe(401)
      const headers = await proofOf(viewer)
      expect((await ask(call, { cookie: viewer, headers, body: sent })).status).toBe(403)
    }
    const headers = await proofOf(ann)
    const claimed = await ask(call, { cookie: ann, headers, body: { ...body, ...claims } })
    expect(claimed.status).toBe(400)
    expect(await countOf(counted)).toBe(counted === '/v1/administrators' ? people : before)
  })
})

describe('a link is made from publicUrl alone', () => {
  test.each([
    { host: 'evil.example', status: 421, because: 'another name' },
    { host: 'localhost.evil.example', status: 421, because: 'a shared beginning' },
    { host: 'evil.example@localhost', status: 400, because: 'user information' },
    { host: 'localhost:9', status: 201, because: 'loopback, and its port is not taken over' },
  ])('T51 Host: $host gives $status: $because', async ({ host, status }) => {
    const headers = {
      Authorization: `Bearer ${MANAGEMENT_KEY}`,
      Host: host,
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'host=evil.example',
    }
    const body = { name: `Hosted ${host}`, role: 'viewer' }
    const answer = await ask('POST /v1/administrators', { headers, body })
    expect(answer.status).toBe(status)
    expect(answer.body).not.toContain('evil.example/')
    if (status === 201) expect(JSON.parse(answer.body).link).toMatch(`${origin}/link#`)
  })
})

describe('sessions end with what they stand for', () => {
  const isSignedIn = async (cookie: string): Promise<boolean> =>
    (await ask('GET /v1/tokens', { cookie })).status === 200

  test('T53 an administrator who is removed', async () => {
    const { id, link } = await invite('Removed', 'admin')
    const cookie = cookieOf(await follow(link))
    expect(await isSignedIn(cookie)).toBe(true)
    await manage(keyfence, `DELETE /v1/administrators/${id}`)
    expect(await isSignedIn(cookie)).toBe(false)
  })

  test('T53 a session that is signed out', async () => {
    const { link } = await invite('Gone', 'admin')
    const cookie = cookieOf(await follow(link))
    await ask('DELETE /v1/session', { cookie, headers: await proofOf(cookie) })
    expect(await isSignedIn(cookie)).toBe(false)
  })

  test('T53 a password that is chosen anew by a link, and the old password with it', async () => {
    const { link } = await invite('Reset', 'admin')
    const cookie = cookieOf(await follow(link))
    const made = await manage(keyfence, 'POST /v1/sign-in-links', { name: 'Reset' })
    const again = made.body.link.split('#')[1] ?? ''
    expect(await isSignedIn(cookie)).toBe(true)
    const chosen = 'walnut ladder nine parade'
    expect(await isSignedIn(cookieOf(await follow(again, chosen)))).toBe(true)
    expect(await isSignedIn(cookie)).toBe(false)
    const statusBy = async (password: string): Promise<number> =>
      (await ask('POST /v1/session', { body: { name: 'Reset', password } })).status
    expect([await statusBy(PASSWORD), await statusBy(chosen)]).toEqual([401, 200])
  })

  test('T53 a role that is lowered, at the next request', async () => {
    const { id, link } = await invite('Lowered', 'admin')
    const cookie = cookieOf(await follow(link))
    await manage(keyfence, `PATCH /v1/administrators/${id}`, { role: 'viewer' })
    const headers = await proofOf(cookie)
    const body = { name: 'a', owner: 'b' }
    expect((await ask('POST /v1/tokens', { cookie, headers, body })).status).toBe(403)
  })
})

describe('an invitation is for one person, once', () => {
  test('T54 of five who use it at once, one is signed in', async () => {
    const { link } = await invite('Raced', 'admin')
    const answers = await Promise.all(Array.from({ length: 5 }, () => follow(link)))
    expect(answers.filter((answer) => cookieOf(answer) !== '')).toHaveLength(1)
    expect((await follow(link)).status).not.toBe(200)
  })

  test.each([
    { chosen: { name: 'Somebody else' }, because: 'the name was chosen by who invited' },
    { chosen: { role: 'admin' }, because: 'so was the role' },
  ])('T54 $chosen is not taken: $because', async ({ chosen }) => {
    const { id, link } = await invite(`Bound ${Object.keys(chosen).join()}`, 'viewer')
    await ask('POST /v1/session/link', { body: { link, password: PASSWORD, ...chosen } })
    const listed = await ask('GET /v1/administrators', { cookie: ann })
    const items: { id: string; name: string; role: string }[] = JSON.parse(listed.body).items
    expect(items.find((one) => one.id === id)).toMatchObject({
      name: `Bound ${Object.keys(chosen).join()}`,
      role: 'viewer',
    })
  })

  test('T54 nobody sets the console up twice', async () => {
    const first = new URL(linkIn(keyfence.output())).hash.slice(1)
    const body = { link: first, name: 'Eve', password: PASSWORD }
    expect((await ask('POST /v1/session/link', { body })).status).toBeGreaterThanOrEqual(400)
  })
})

test('T55 the eleventh guess is refused, though it is right and claims another address', async () => {
  await follow((await invite('Guessed', 'admin')).link)
  const guess = (password: string, address: string): Promise<Answered> =>
    ask('POST /v1/session', {
      headers: { 'X-Forwarded-For': address, 'X-Real-IP': address },
      body: { name: 'Guessed', password },
    })
  for (let at = 0; at < 10; at++) {
    expect((await guess(`wrong password ${at}`, `8.8.8.${at}`)).status).toBe(401)
  }
  const refused = await guess(PASSWORD, '9.9.9.9')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  const named = await ask('POST /v1/session', { body: { name: 'gUESSED ', password: PASSWORD } })
  expect(cookieOf(named)).toBe('')
})

describe('pages of other sites change nothing', () => {
  test.each<{ headers: Readonly<Record<string, string>>; status: number; because: string }>([
    {
      headers: { Host: 'evil.example' },
      status: 421,
      because: 'a name that leads here (rebinding)',
    },
    { headers: { Origin: 'https://evil.example' }, status: 403, because: 'another origin' },
    { headers: { Origin: 'null' }, status: 403, because: 'an origin that is none' },
    { headers: { Origin: 'http://localhost:1' }, status: 403, because: 'another port' },
    { headers: { 'Sec-Fetch-Site': 'cross-site' }, status: 403, because: 'the browser says so' },
    { headers: { 'Content-Type': 'text/plain' }, status: 415, because: 'what a form can send' },
    { headers: { 'Keyfence-CSRF-Token': 'x' }, status: 403, because: 'a token that is a guess' },
    { headers: { 'Keyfence-CSRF-Token': '' }, status: 403, because: 'no token' },
  ])('T56 $headers: $because', async ({ headers, status }) => {
    const before = await countOf('/v1/tokens')
    const sent = { ...(await proofOf(ann)), ...headers }
    const body = { name: 'forged', owner: 'b' }
    const answer = await ask('POST /v1/tokens', { cookie: ann, headers: sent, body })
    expect(answer.status).toBe(status)
    expect(await countOf('/v1/tokens')).toBe(before)
  })
})

test.each(['https://evil.example', 'null', 'http://localhost:1', 'https://localhost.evil.example'])(
  'T57 a page of %s may read nothing',
  async (foreign) => {
    const asked = {
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    }
    for (const call of ['GET /v1/session', 'GET /v1/tokens', 'OPTIONS /v1/tokens']) {
      const headers = { Origin: foreign, ...(call.startsWith('OPTIONS') ? asked : {}) }
      const answer = await ask(call, { cookie: ann, headers })
      const told = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))
      expect(told).toEqual([])
    }
  },
)

describe('a session is the cookie that was set, and no other', () => {
  const spelt = (spelling: (name: string, value: string) => string): string => {
    const [name = '', value = ''] = ann.split('=')
    return spelling(name, value)
  }
  test.each<{ spelling: (name: string, value: string) => string; because: string }>([
    { spelling: (name, value) => `\u00a0${name}=${value}`, because: 'a no-break space before it' },
    { spelling: (name, value) => `${name}\u00a0=${value}`, because: 'one behind it' },
    { spelling: (name, value) => `${name.toUpperCase()}=${value}`, because: 'another case' },
    { spelling: (name, value) => `${name}=${value}; ${name}=x`, because: 'two of a name' },
    { spelling: (name, value) => `${name}="${value}"`, because: 'quotes' },
    { spelling: (name, value) => `${name}=${value}%20`, because: 'escapes' },
  ])('T58 $because is not it', async ({ spelling }) => {
    expect((await ask('GET /v1/tokens', { cookie: ann })).status).toBe(200)
    expect((await ask('GET /v1/tokens', { cookie: spelt(spelling) })).status).toBe(401)
  })

  test('T58 signing in begins another session than the one that was shown', async () => {
    const fixed = `${ann.split('=')[0]}=${'A'.repeat(43)}`
    const body = { name: 'Ann', password: PASSWORD }
    const begun = await ask('POST /v1/session', { cookie: fixed, body })
    expect(cookieOf(begun)).toMatch(/=.{43}$/)
    expect(cookieOf(begun)).not.toBe(fixed)
    expect(begun.headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Lax/)
    expect((await ask('GET /v1/tokens', { cookie: fixed })).status).toBe(401)
  })
})
