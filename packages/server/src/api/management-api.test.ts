import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES } from '../access/management-key.ts'
import { PROBLEM_CODES, PROBLEMS } from './problem-codes.ts'
import { type RunningApi, startApi } from './running-api.ts'

const UNKNOWN_TOKEN = 'tok_01a20dc4-9a60-7696-a970-dea53845acf4'
const UNKNOWN_KEY = 'key_01a20dc4-9a60-7696-a970-dea53845acf4'
const UNKNOWN_REQUEST = 'req_AAAAAAAAAAAAAAAAAAAAAA'
const UNKNOWN_ADMINISTRATOR = 'adm_01a20dc4-9a60-7696-a970-dea53845acf4'
const LISTS = { domains: { enabled: true, entries: [] }, ips: { enabled: false, entries: [] } }

interface RouteRow {
  readonly route: string
  /** `session`: for people alone. */
  readonly scope: 'read' | 'write' | 'feed' | 'decide' | 'none' | 'session'
  /** What the path's id names, if it has one. */
  readonly names?: 'token' | 'key' | 'refusal' | 'administrator'
  readonly unbound?: true
  /** A body that the route accepts. */
  readonly body?: unknown
}

/** Every route there is: a new one without a row fails the first test. */
const ROUTES: readonly RouteRow[] = [
  { route: 'GET /v1/tokens', scope: 'read' },
  { route: 'POST /v1/tokens', scope: 'write', body: { name: 'x' } },
  { route: 'POST /v1/tokens/import', scope: 'write', body: { tokens: [] } },
  { route: 'GET /v1/tokens/:id', scope: 'read', names: 'token' },
  { route: 'PATCH /v1/tokens/:id', scope: 'write', names: 'token', body: { name: 'x' } },
  { route: 'DELETE /v1/tokens/:id', scope: 'write', names: 'token' },
  { route: 'POST /v1/tokens/:id/rotate', scope: 'write', names: 'token', body: {} },
  { route: 'POST /v1/tokens/:id/revoke', scope: 'write', names: 'token', body: {} },
  { route: 'POST /v1/tokens/:id/disable', scope: 'write', names: 'token', body: {} },
  { route: 'POST /v1/tokens/:id/enable', scope: 'write', names: 'token', body: {} },
  { route: 'GET /v1/tokens/:id/restrictions', scope: 'read', names: 'token' },
  { route: 'PUT /v1/tokens/:id/restrictions', scope: 'write', names: 'token', body: LISTS },
  {
    route: 'POST /v1/tokens/:id/restrictions/preview',
    scope: 'read',
    names: 'token',
    body: LISTS,
  },
  { route: 'GET /v1/tokens/:id/activity', scope: 'read', names: 'token' },
  { route: 'GET /v1/refusals', scope: 'read' },
  { route: 'GET /v1/refusals/:id', scope: 'read', names: 'refusal' },
  { route: 'POST /v1/entries/check', scope: 'read', body: { kind: 'ip', input: 'x' } },
  {
    route: 'POST /v1/explain',
    scope: 'read',
    body: { restrictions: LISTS, request: { headers: [], peer: null } },
  },
  { route: 'POST /v1/decide', scope: 'decide', body: { headers: [], peer: null } },
  { route: 'GET /v1/feed', scope: 'feed' },
  {
    route: 'POST /v1/activity',
    scope: 'feed',
    body: { minute: 0, refusals: [], counts: [], seen: [] },
  },
  { route: 'GET /v1/keys', scope: 'read', unbound: true },
  { route: 'POST /v1/keys', scope: 'write', unbound: true, body: { name: 'x', scopes: ['read'] } },
  { route: 'GET /v1/keys/:id', scope: 'read', names: 'key', unbound: true },
  { route: 'POST /v1/keys/:id/revoke', scope: 'write', names: 'key', unbound: true, body: {} },
  { route: 'GET /v1/session', scope: 'none' },
  { route: 'POST /v1/session', scope: 'none' },
  { route: 'DELETE /v1/session', scope: 'none' },
  { route: 'POST /v1/session/link', scope: 'none' },
  { route: 'POST /v1/session/link/check', scope: 'none' },
  { route: 'PUT /v1/session/password', scope: 'session' },
  { route: 'GET /v1/administrators', scope: 'read', unbound: true },
  {
    route: 'POST /v1/administrators',
    scope: 'write',
    unbound: true,
    body: { name: 'x', role: 'viewer' },
  },
  {
    route: 'PATCH /v1/administrators/:id',
    scope: 'write',
    names: 'administrator',
    unbound: true,
    body: { role: 'viewer' },
  },
  {
    route: 'DELETE /v1/administrators/:id',
    scope: 'write',
    names: 'administrator',
    unbound: true,
  },
  { route: 'POST /v1/sign-in-links', scope: 'write', unbound: true, body: {} },
  {
    route: 'POST /v1/portal-sessions',
    scope: 'write',
    body: { owner: 'bob', capabilities: [] },
  },
  { route: 'GET /v1/audit', scope: 'read' },
  { route: 'POST /v1/tokens/revoke', scope: 'write', body: { owner: 'nobody' } },
  { route: 'GET /v1/overview', scope: 'read', unbound: true },
  { route: 'GET /v1/nodes', scope: 'read', unbound: true },
  { route: 'GET /v1/entries/settings', scope: 'read' },
  { route: 'GET /v1/settings', scope: 'read', unbound: true },
  { route: 'GET /v1/client-address', scope: 'read', unbound: true },
  { route: 'GET /v1/openapi.json', scope: 'read' },
  { route: 'GET /healthz', scope: 'none' },
  { route: 'GET /readyz', scope: 'none' },
  { route: 'GET /metrics', scope: 'none' },
]

const UNKNOWN = {
  token: UNKNOWN_TOKEN,
  key: UNKNOWN_KEY,
  refusal: UNKNOWN_REQUEST,
  administrator: UNKNOWN_ADMINISTRATOR,
}

const CLOSED = ROUTES.filter(({ scope }) => scope !== 'none' && scope !== 'session')
const WITH_BODY = CLOSED.filter(({ body }) => body !== undefined)

let api: RunningApi
let keys: {
  readonly full: string
  readonly bound: string
  readonly wrong: (scope: string) => string
}
let foreign: string

beforeAll(async () => {
  api = await startApi()
  const wrong = new Map<string, string>()
  for (const scope of SCOPES) {
    wrong.set(scope, await api.key(SCOPES.filter((other) => other !== scope)))
  }
  keys = {
    full: await api.key(['read', 'write', 'feed', 'decide']),
    bound: await api.key(['read', 'write', 'feed', 'decide'], 'bob'),
    wrong: (scope) => wrong.get(scope) ?? '',
  }
  foreign = (await api.token({ owner: 'alice' })).id
})
afterAll(() => api.stop())

/** Whose requests a route takes, as the document says it: any one of these. */
function securityOf({ scope }: RouteRow): readonly object[] {
  if (scope === 'none') return []
  const session = { session: [] }
  return scope === 'session' ? [session] : [{ managementKey: [scope] }, session]
}

function methodOf({ route }: RouteRow): string {
  return route.split(' ')[0] ?? ''
}

function targetOf({ route, names }: RouteRow, id?: string): string {
  const path = route.split(' ')[1] ?? ''
  return path.replace(':id', id ?? UNKNOWN[names ?? 'token'])
}

describe('every route', () => {
  test('has a row here', () => {
    const routes = api.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`)
    expect([...new Set(routes)].sort()).toEqual(ROUTES.map(({ route }) => route).sort())
  })

  test.each(CLOSED)('$route without a key is 401', async (row) => {
    const answer = await api.ask(methodOf(row), targetOf(row), { body: row.body })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.body['code']).toBe('unauthenticated')
  })

  test.each(CLOSED)('$route with a key of every other scope is 403', async (row) => {
    const key = keys.wrong(row.scope)
    const answer = await api.ask(methodOf(row), targetOf(row), { key, body: row.body })
    expect([answer.status, answer.body['code']]).toEqual([403, 'forbidden'])
  })

  test.each(ROUTES.filter(({ unbound }) => unbound))(
    '$route with a key that is bound to an owner is 403',
    async (row) => {
      const answer = await api.ask(methodOf(row), targetOf(row), {
        key: keys.bound,
        body: row.body,
      })
      expect([answer.status, answer.body['code']]).toEqual([403, 'forbidden'])
    },
  )

  test.each(ROUTES.filter(({ names }) => names === 'token'))(
    "$route of another owner's token is the 404 of an unknown one",
    async (row) => {
      const question = { key: keys.bound, body: row.body }
      const answer = await api.ask(methodOf(row), targetOf(row, foreign), question)
      const unknown = await api.ask(methodOf(row), targetOf(row), question)
      expect(answer.status).toBe(404)
      expect([answer.status, answer.text]).toEqual([unknown.status, unknown.text])
    },
  )

  test.each(ROUTES.filter(({ names }) => names !== undefined))(
    '$route with what is no id is 404',
    async (row) => {
      for (const id of ['x', '%27%20or%201=1', '__proto__', `${UNKNOWN_TOKEN}%00`]) {
        const answer = await api.ask(methodOf(row), targetOf(row, id), {
          key: keys.full,
          body: row.body,
        })
        expect(answer.status, id).toBe(404)
      }
    },
  )

  test.each(CLOSED)('$route refuses parameters that it does not have, or twice', async (row) => {
    const { full: key } = keys
    for (const query of ['?bogus=1', '?__proto__=1', '?limit=1&limit=1', '?lim%69t=1&limit=1']) {
      const target = targetOf(row) + query
      const answer = await api.ask(methodOf(row), target, { key, body: row.body })
      expect(answer.status, query).toBe(400)
    }
  })

  test.each(WITH_BODY)('$route refuses members that it does not have', async (row) => {
    const body = { ...(row.body as object), bogus: 1 } // rows hold objects
    const answer = await api.ask(methodOf(row), targetOf(row), { key: keys.full, body })
    expect(answer.status).toBe(400)
    expect([answer.body['code'], answer.body['path']]).toEqual(['unknown_member', '/bogus'])
  })

  test.each(WITH_BODY)('$route refuses what is not JSON in UTF-8', async (row) => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const answer = await api.ask(methodOf(row), targetOf(row), {
        key: keys.full,
        text: JSON.stringify(row.body),
        headers: { 'Content-Type': type },
      })
      expect([answer.status, answer.body['code']], type).toEqual([415, 'unsupported_media_type'])
    }
  })

  test.each(ROUTES)('$route under another method is 405 and names those there are', async (row) => {
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND']) {
      const answer = await api.ask(method, targetOf(row), { key: keys.full })
      expect(answer.status, method).toBe(405)
      expect(String(answer.headers['allow']).split(', ')).toContain(methodOf(row))
    }
  })

  test.each(ROUTES)(
    '$route is never cached, framed, sniffed or read across origins',
    async (row) => {
      const answer = await api.ask(methodOf(row), targetOf(row), {
        headers: { Origin: 'https://evil.example' },
      })
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
      const cors = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))
      expect(cors).toEqual([])
    },
  )
})

describe('the document', () => {
  interface Operation {
    readonly security: readonly Record<string, readonly string[]>[]
    readonly responses: Record<string, { readonly content?: Record<string, unknown> }>
    readonly summary?: string
    readonly operationId?: string
  }

  async function operations(): Promise<Map<string, Operation>> {
    const { body } = await api.ask('GET', '/v1/openapi.json', { key: keys.full })
    const paths = body['paths'] as Record<string, Record<string, Operation>> // OpenAPI's shape
    return new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]): [string, Operation] => [
          `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
          operation,
        ]),
      ),
    )
  }

  test('names the routes of the router and no others', async () => {
    expect([...(await operations()).keys()].sort()).toEqual(ROUTES.map(({ route }) => route).sort())
  })

  test.each(ROUTES)('$route is documented with its scope and its errors', async (row) => {
    const operation = (await operations()).get(row.route)
    expect(operation?.security).toEqual(securityOf(row))
    expect(operation?.summary).toMatch(/./)
    expect(operation?.operationId).toMatch(/./)
    const statuses = Object.keys(operation?.responses ?? {}).map(Number)
    const expected = [
      421,
      500,
      ...(row.scope === 'none' ? [] : [400, 401, 403, 503]),
      ...(row.names === undefined ? [] : [404]),
      ...(row.body === undefined ? [] : [413, 415]),
      ...(row.scope === 'write' ? [507] : []),
      ...(row.names === 'token' && row.scope === 'write' ? [409, 412, 428] : []),
    ]
    expect(statuses).toEqual(expect.arrayContaining(expected))
  })

  test('describes every problem as one', async () => {
    for (const [route, { responses }] of await operations()) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400 || route === 'GET /readyz') continue
        expect(Object.keys(content ?? {}), `${route} ${status}`).toEqual([
          'application/problem+json',
        ])
      }
    }
  })

  test('is OpenAPI 3.1 and resolves every reference', async () => {
    const { text, body } = await api.ask('GET', '/v1/openapi.json', { key: keys.full })
    expect(body['openapi']).toBe('3.1.0')
    const { schemas } = body['components'] as { schemas: object } // OpenAPI's shape
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      (found) => found[1],
    )
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining([...new Set(references)]))
    expect(references.length).toBeGreaterThan(20)
  })
})

test('problem codes are words, each with a title that is a sentence', () => {
  for (const code of PROBLEM_CODES) {
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
    expect(PROBLEMS[code].title).toMatch(/^[A-Z].*\.$/)
  }
})
