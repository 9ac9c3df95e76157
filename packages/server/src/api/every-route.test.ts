/**
 * Every route × everybody who may ask × their own and somebody else's id, on both listeners. What
 * is expected follows from a row for each route; a route without a row fails.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CAPABILITIES, type Capability } from '../access/portal-session.ts'
import { openedPortal, PORTAL_ORIGIN, type PortalBrowser } from './portal-browser.ts'
import { type Answer, type AnswerBody, type RunningApi, startApi } from './running-api.ts'

type Names = 'token' | 'refusal' | 'key' | 'administrator'

interface Row {
  readonly route: string
  /** `nobody`: it is for whoever reaches the listener. `person`: it needs a session. */
  readonly scope: 'read' | 'write' | 'decide' | 'feed' | 'nobody' | 'person'
  /** Not for who is bound to an owner. */
  readonly unbound?: true
  /** What its id is of, in the path or in the body. */
  readonly names?: Names
  readonly body?: (id: string) => unknown
  /** The answer to who may. */
  readonly done: number
  /** Capabilities any of which opens it to an owner; absent: the portal does not have it. */
  readonly portal?: readonly Capability[]
}

const OFF = { enabled: false, entries: [] }
const LISTS = () => ({ domains: OFF, ips: OFF })
const REQUEST = { headers: [], peer: null }
const EMPTY = () => ({})

const ROWS: readonly Row[] = [
  { route: 'GET /v1/tokens', scope: 'read', done: 200, portal: [] },
  {
    route: 'POST /v1/tokens',
    scope: 'write',
    body: () => ({ name: 'x', owner: 'alice' }),
    done: 201,
    portal: ['create'],
  },
  { route: 'POST /v1/tokens/import', scope: 'write', body: () => ({ tokens: [] }), done: 400 },
  { route: 'GET /v1/tokens/:id', scope: 'read', names: 'token', done: 200, portal: [] },
  {
    route: 'PATCH /v1/tokens/:id',
    scope: 'write',
    names: 'token',
    body: () => ({ name: 'y' }),
    done: 200,
    portal: ['settings'],
  },
  { route: 'DELETE /v1/tokens/:id', scope: 'write', names: 'token', done: 204, portal: ['delete'] },
  ...(['rotate', 'revoke', 'disable', 'enable'] as const).map(
    (verb): Row => ({
      route: `POST /v1/tokens/:id/${verb}`,
      scope: 'write',
      names: 'token',
      body: EMPTY,
      done: 200,
      portal: [verb === 'enable' ? 'disable' : verb],
    }),
  ),
  {
    route: 'GET /v1/tokens/:id/restrictions',
    scope: 'read',
    names: 'token',
    done: 200,
    portal: [],
  },
  {
    route: 'PUT /v1/tokens/:id/restrictions',
    scope: 'write',
    names: 'token',
    body: LISTS,
    done: 200,
    portal: ['restrict'],
  },
  {
    route: 'POST /v1/tokens/:id/restrictions/preview',
    scope: 'read',
    names: 'token',
    body: LISTS,
    done: 200,
    portal: ['activity'],
  },
  {
    route: 'GET /v1/tokens/:id/activity',
    scope: 'read',
    names: 'token',
    done: 200,
    portal: ['activity'],
  },
  { route: 'GET /v1/refusals', scope: 'read', done: 200, portal: ['activity'] },
  {
    route: 'GET /v1/refusals/:id',
    scope: 'read',
    names: 'refusal',
    done: 200,
    portal: ['activity'],
  },
  {
    route: 'POST /v1/entries/check',
    scope: 'read',
    body: () => ({ kind: 'ip', input: 'x' }),
    done: 200,
    portal: [],
  },
  {
    route: 'POST /v1/explain',
    scope: 'read',
    names: 'token',
    body: (tokenId) => ({ tokenId, request: REQUEST }),
    done: 200,
    portal: [],
  },
  { route: 'GET /v1/entries/settings', scope: 'read', done: 200, portal: [] },
  {
    route: 'POST /v1/tokens/revoke',
    scope: 'write',
    body: () => ({ owner: 'nobody' }),
    done: 200,
  },
  { route: 'GET /v1/overview', scope: 'read', unbound: true, done: 200 },
  { route: 'GET /v1/nodes', scope: 'read', unbound: true, done: 200 },
  { route: 'GET /v1/settings', scope: 'read', unbound: true, done: 200 },
  { route: 'GET /v1/client-address', scope: 'read', unbound: true, done: 200 },
  { route: 'GET /v1/feed', scope: 'feed', done: 200 },
  { route: 'POST /v1/activity', scope: 'feed', body: EMPTY, done: 400 },
  { route: 'POST /v1/decide', scope: 'decide', body: () => REQUEST, done: 200 },
  { route: 'GET /v1/keys', scope: 'read', unbound: true, done: 200 },
  {
    route: 'POST /v1/keys',
    scope: 'write',
    unbound: true,
    body: () => ({ name: 'x', scopes: ['read'] }),
    done: 201,
  },
  { route: 'GET /v1/keys/:id', scope: 'read', unbound: true, names: 'key', done: 200 },
  {
    route: 'POST /v1/keys/:id/revoke',
    scope: 'write',
    unbound: true,
    names: 'key',
    body: EMPTY,
    done: 200,
  },
  { route: 'GET /v1/administrators', scope: 'read', unbound: true, done: 200 },
  {
    route: 'POST /v1/administrators',
    scope: 'write',
    unbound: true,
    body: (id) => ({ name: id, role: 'viewer' }),
    done: 201,
  },
  {
    route: 'PATCH /v1/administrators/:id',
    scope: 'write',
    unbound: true,
    names: 'administrator',
    body: () => ({ role: 'viewer' }),
    done: 200,
  },
  {
    route: 'DELETE /v1/administrators/:id',
    scope: 'write',
    unbound: true,
    names: 'administrator',
    done: 204,
  },
  {
    route: 'POST /v1/sign-in-links',
    scope: 'write',
    unbound: true,
    body: () => ({ name: 'guest' }),
    done: 201,
  },
  {
    route: 'POST /v1/portal-sessions',
    scope: 'write',
    body: () => ({ owner: 'alice', capabilities: [] }),
    done: 201,
  },
  { route: 'GET /v1/audit', scope: 'read', done: 200 },
  { route: 'GET /v1/openapi.json', scope: 'read', done: 200 },
  { route: 'GET /v1/session', scope: 'nobody', done: 200, portal: [] },
  { route: 'DELETE /v1/session', scope: 'nobody', done: 403, portal: [] },
  { route: 'POST /v1/session', scope: 'nobody', body: EMPTY, done: 403 },
  { route: 'POST /v1/session/link', scope: 'nobody', body: EMPTY, done: 403, portal: [] },
  { route: 'POST /v1/session/link/check', scope: 'nobody', body: EMPTY, done: 403 },
  { route: 'PUT /v1/session/password', scope: 'person', body: EMPTY, done: 400 },
  { route: 'GET /healthz', scope: 'nobody', done: 200 },
  { route: 'GET /readyz', scope: 'nobody', done: 200 },
  { route: 'GET /metrics', scope: 'nobody', done: 200 },
]

const CLOSED = ROWS.filter(({ scope }) => scope !== 'nobody')
const NAMING = CLOSED.filter(({ names }) => names !== undefined)
const OWNERS = CLOSED.filter(({ portal }) => portal !== undefined)
const ABSENT = ROWS.filter(({ portal }) => portal === undefined)

const UNKNOWN: Readonly<Record<Names, string>> = {
  token: 'tok_01a20dc4-9a60-7696-a970-dea53845acf4',
  refusal: 'req_AAAAAAAAAAAAAAAAAAAAAA',
  key: 'key_01a20dc4-9a60-7696-a970-dea53845acf4',
  administrator: 'adm_01a20dc4-9a60-7696-a970-dea53845acf4',
}

const CONSOLE = 'https://keys.example.com'
const PASSWORD = 'umbrella seven trombone'

/** Who asks: the header fields that say so. */
type Ask = (method: string) => Readonly<Record<string, string>>

let api: RunningApi
let callers: Readonly<Record<string, Ask>>
let owners: Readonly<Record<'all' | 'none' | Capability, PortalBrowser>>
/** Of bob, whom nobody here is bound to. */
let foreign: Readonly<Record<'token' | 'refusal', string>>
let bobBefore: string

beforeAll(async () => {
  api = await startApi()
  const admin = await signedIn({}, { name: 'Ann', password: PASSWORD })
  await api.operator('/v1/administrators', { name: 'guest', role: 'viewer' })
  const invited = await api.operator('/v1/administrators', { name: 'Vic', role: 'viewer' })
  const viewer = await signedIn({ link: invited['link'] }, { password: PASSWORD })
  const portal = (capabilities: readonly Capability[]) => openedPortal(api, 'alice', capabilities)
  const single = CAPABILITIES.map(async (word) => [word, await portal([word])] as const)
  owners = {
    ...(Object.fromEntries(await Promise.all(single)) as Record<Capability, PortalBrowser>), // one each
    all: await portal(CAPABILITIES),
    none: await portal([]),
  }
  const key = async (scopes: readonly string[], owner?: string): Promise<Ask> => {
    const secret = await api.key(scopes, owner)
    return () => ({ Authorization: `Bearer ${secret}` })
  }
  callers = {
    nobody: () => ({}),
    admin,
    viewer,
    'key that reads': await key(['read']),
    'key that reads and writes': await key(['read', 'write']),
    'key that decides': await key(['decide']),
    'key that follows': await key(['feed']),
    'key of alice': await key(['read', 'write', 'decide', 'feed'], 'alice'),
    'owner with the cookie of the portal': (method) => ({
      ...(owners.all.headers(method) as Record<string, string>), // all are text
      Origin: CONSOLE,
    }),
  }
  foreign = { token: (await made('token', 'bob')).id, refusal: (await made('refusal', 'bob')).id }
  bobBefore = await ofBob()
})
afterAll(() => api.stop())

/** Everything that is bob's, as it stands. */
async function ofBob(): Promise<string> {
  const headers = callers['admin']?.('GET') ?? {}
  return (await api.ask('GET', '/v1/tokens?owner=bob&limit=200', { headers })).text
}

/** Signs in by a link, and gives what that browser sends. */
async function signedIn(by: { readonly link?: unknown }, chosen: object): Promise<Ask> {
  const link = String(by.link ?? (await api.operator('/v1/sign-in-links', {}))['link']).split(
    '#',
  )[1]
  const headers = { Origin: CONSOLE }
  const body = { link, ...chosen }
  const answer = await api.ask('POST', '/v1/session/link', { body, headers })
  const cookie = String(answer.headers['set-cookie']?.[0]?.split(';')[0])
  const csrf = { 'Keyfence-CSRF-Token': String(answer.body['csrfToken']) }
  return (method) => ({
    Cookie: cookie,
    ...(method === 'GET' ? {} : { ...headers, ...csrf, 'If-Match': '*' }),
  })
}

let count = 0

/** Makes something to be asked for. */
async function made(what: Names, owner = 'alice'): Promise<{ readonly id: string }> {
  count += 1
  if (what === 'token') return api.token({ owner })
  if (what === 'key') return api.operator('/v1/keys', { name: 'x', scopes: ['read'] })
  if (what === 'administrator') {
    return api.operator('/v1/administrators', { name: `extra ${count}`, role: 'viewer' })
  }
  const { secret } = await api.token({
    owner,
    restrictions: { domains: { enabled: true, entries: [] }, ips: OFF },
  })
  const token = { token: secret, headers: [['Origin', 'https://evil.example']], peer: '8.8.8.8' }
  const decided = await api.operator('/v1/decide', token)
  const { headers } = decided['response'] as { headers: [string, string][] } // a refusal has one
  return { id: headers.find(([name]) => name === 'Keyfence-Request-Id')?.[1] ?? '' }
}

interface Asked {
  readonly at?: 'portal'
  readonly id?: string
}

function ask(row: Row, who: Ask, { at, id = `name-${(count += 1)}` }: Asked = {}): Promise<Answer> {
  const [method = '', path = ''] = row.route.split(' ')
  const question = { body: row.body?.(id), headers: who(method) }
  return (at === 'portal' ? api.portal : api).ask(method, path.replace(':id', id), question)
}

const ownId = async ({ names }: Row) => (names === undefined ? {} : await made(names))

/** What the row says that a caller of the management listener is answered. */
function expected({ scope, unbound, done }: Row, caller: string): number {
  if (caller === 'nobody' || caller.startsWith('owner')) return 401
  const isPerson = caller === 'admin' || caller === 'viewer'
  if (scope === 'person') return isPerson ? done : 401
  const scopes = SCOPES_OF[caller] ?? []
  if (!scopes.includes(scope)) return 403
  return unbound && caller === 'key of alice' ? 403 : done
}

const SCOPES_OF: Readonly<Record<string, readonly Row['scope'][]>> = {
  admin: ['read', 'write', 'decide', 'feed'],
  viewer: ['read'],
  'key that reads': ['read'],
  'key that reads and writes': ['read', 'write'],
  'key that decides': ['decide'],
  'key that follows': ['feed'],
  'key of alice': ['read', 'write', 'decide', 'feed'],
}

const CALLERS = ['nobody', ...Object.keys(SCOPES_OF), 'owner with the cookie of the portal']

const routesOf = ({ app }: Pick<RunningApi, 'app'>) =>
  new Set(
    app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
  )

/** Of a name that a caller gave, nothing is compared. */
const without = (text: string, id: string) => text.replaceAll(id, '…')

test('every route of the management listener has a row, and no other', () => {
  expect([...routesOf(api)].toSorted()).toEqual(ROWS.map(({ route }) => route).toSorted())
})

test('the portal has the routes whose rows say so, and no other', () => {
  const open = ROWS.filter(({ portal }) => portal !== undefined).map(({ route }) => route)
  expect([...routesOf(api.portal)].toSorted()).toEqual(open.toSorted())
})

describe.each(CLOSED)('on the management listener, $route', (row) => {
  test.each(CALLERS)('asked by %s', async (caller) => {
    const who = callers[caller] ?? (() => ({}))
    const answer = await ask(row, who, await ownId(row))
    expect(answer.status).toBe(expected(row, caller))
  })
})

describe.each(NAMING.filter(({ unbound }) => !unbound))(
  "on the management listener, $route of another owner's",
  (row) => {
    test('is to a key of alice what an unknown one is', async () => {
      const who = callers['key of alice'] ?? (() => ({}))
      const names = row.names === 'refusal' ? 'refusal' : 'token'
      const theirs = await ask(row, who, { id: foreign[names] })
      const unknown = await ask(row, who, { id: UNKNOWN[names] })
      expect(theirs.status).toBe(404)
      expect(without(theirs.text, foreign[names])).toBe(without(unknown.text, UNKNOWN[names]))
    })
  },
)

const fromPortal =
  (browser: PortalBrowser): Ask =>
  (method) =>
    browser.headers(method) as Record<string, string> // all are text

describe.each(OWNERS)('at the portal, $route', (row) => {
  const needed = row.portal ?? []

  test.each(['all', 'none', ...CAPABILITIES] as const)(
    'asked by an owner who may: %s',
    async (may) => {
      const answer = await ask(row, fromPortal(owners[may]), {
        at: 'portal',
        ...(await ownId(row)),
      })
      const isAllowed = may === 'all' || needed.length === 0 || needed.some((word) => word === may)
      expect(answer.status).toBe(isAllowed ? row.done : 403)
    },
  )

  test.each(['nobody', ...Object.keys(SCOPES_OF)])('asked by %s is 401', async (caller) => {
    const who: Ask = (method) => ({ ...callers[caller]?.(method), Origin: PORTAL_ORIGIN })
    const answer = await ask(row, who, { at: 'portal', ...(await ownId(row)) })
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated'])
  })
})

describe.each(NAMING.filter(({ portal }) => portal !== undefined))(
  "at the portal, $route of another owner's",
  (row) => {
    const names = row.names === 'refusal' ? 'refusal' : 'token'

    test.each(['all', 'none'] as const)(
      'is what an unknown one is, to who may: %s',
      async (may) => {
        const who = fromPortal(owners[may])
        const theirs = await ask(row, who, { at: 'portal', id: foreign[names] })
        const unknown = await ask(row, who, { at: 'portal', id: UNKNOWN[names] })
        expect(theirs.status).toBe(may === 'all' || row.portal?.length === 0 ? 404 : 403)
        expect(theirs.status).toBe(unknown.status)
        expect(without(theirs.text, foreign[names])).toBe(without(unknown.text, UNKNOWN[names]))
      },
    )
  },
)

describe.each(ABSENT)('at the portal, $route', (row) => {
  test.each([...CALLERS, 'an owner who may everything'])('is not there for %s', async (caller) => {
    const ofCaller: Ask = callers[caller] ?? fromPortal(owners.all)
    const who: Ask = (method) => ({ ...ofCaller(method), Origin: PORTAL_ORIGIN })
    const answer = await ask(row, who, { at: 'portal', ...(await ownId(row)) })
    const [method = '', path = ''] = row.route.split(' ')
    const isOther = OTHER_METHOD.has(path)
    const nothing = await api.portal.ask(method, '/v1/nothing-here', { headers: who(method) })
    expect(nothing.status).toBe(404)
    expect(answer.status).toBe(isOther ? 405 : 404)
    if (!isOther) expect(answer.text).toBe(nothing.text)
  })
})

/** Paths that the portal has under another method, by a pattern or by name. */
const OTHER_METHOD = new Set(['/v1/tokens/import', '/v1/tokens/revoke', '/v1/session'])

describe("what is another owner's", () => {
  test.each(['/v1/tokens', '/v1/tokens?owner=bob', '/v1/refusals', '/v1/refusals?owner=bob'])(
    'is in no list at the portal: %s',
    async (target) => {
      const { status, text } = await owners.all.ask(`GET ${target}`)
      expect(status).toBe(200)
      for (const theirs of [...Object.values(foreign), 'bob']) expect(text).not.toContain(theirs)
    },
  )

  test('cannot be made at the portal', async () => {
    const answer = await owners.all.ask('POST /v1/tokens', { name: 'x', owner: 'bob' })
    expect([answer.status, answer.body['path']]).toEqual([403, '/owner'])
    const own: AnswerBody = (await owners.all.ask('POST /v1/tokens', { name: 'x' })).body
    expect(own['owner']).toBe('alice')
  })

  test('is as it was before all of this', async () => {
    expect(await ofBob()).toBe(bobBefore)
  })
})
