/** Rows T16, T17, T18, T27, T28, T30, T31, T32, T33, T34 of docs/threats.md, through each example. */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { foldFieldName, IDENTITY_FIELDS } from '@keyfence/core'
import type { Answered } from '../../src/proxy/proxy-fixture.ts'
import type { TokenName } from '../running-doors.ts'
import { manage, startKeyfence } from '../running-keyfence.ts'
import { askExample, dialTls } from './ask-example.ts'
import type { ExampleName } from './example-rows.ts'
import { type ExampleWorld, LISTED, startSurroundings, startWorld } from './example-world.ts'
import { type RunningExample, startCaddy, startHaproxy, startNginx } from './running-example.ts'
import { THREAT_ROWS, type ThreatRow } from './threat-rows.ts'

const EXAMPLES = [
  { name: 'nginx', start: startNginx },
  { name: 'caddy', start: startCaddy },
  { name: 'haproxy', start: startHaproxy },
] as const

const SHOP = 'Origin: https://shop.example'
const EVIL = 'Origin: https://evil.example'

let world: ExampleWorld
let example: RunningExample

describe.each(EXAMPLES)('examples/$name', ({ name, start }) => {
  beforeAll(async () => {
    world = await startWorld(name)
    example = await start(world)
  })
  afterAll(async () => {
    await example.stop()
    await world.close()
  })
  beforeEach(forget)

  test.each(THREAT_ROWS)('$t $because: without a token, refused', async (row) => {
    await expectRow(name, row, { lines: [], status: 401, reason: 'token_missing' })
  })

  test.each(THREAT_ROWS)('$t $because: from a page not listed, refused', async (row) => {
    const lines = [keyOf('pages'), EVIL]
    await expectRow(name, row, { lines, status: 403, reason: 'domain_not_listed' })
  })

  test.each(THREAT_ROWS)('$t $because: from a listed page, as any other', async (row) => {
    const lines = [keyOf('pages'), SHOP]
    await expectRow(name, row, { lines, status: 200, reason: 'domain_listed' })
  })

  knowingTokens()
  answeringInOrder()
  failing()
  test('T32 a revocation at one node is seen at the other', () => expectTwoNodes(name, start))
})

function forget(): void {
  world.doors.check.observations.length = 0
  world.api.seen.length = 0
}

const keyOf = (token: TokenName): string => `X-API-Key: ${world.doors.secretOf(token)}`

async function ask(lines: readonly string[], line?: string): Promise<Answered> {
  return askExample(example.port, { lines, ...(line === undefined ? {} : { line }) })
}

async function statusOf(...lines: readonly string[]): Promise<number> {
  return (await ask(lines)).status
}

interface Expected {
  readonly lines: readonly string[]
  readonly status: number
  readonly reason: string
}

async function expectRow(
  name: ExampleName,
  { line, fields, byProxy, ofApi }: ThreatRow,
  { lines, status, reason }: Expected,
): Promise<void> {
  const answer = await ask([...lines, ...fields], line)
  const { observations } = world.doors.check
  const ofProxy = byProxy?.[name]
  if (ofProxy !== undefined) {
    expect([answer.status, observations, world.api.seen]).toEqual([ofProxy, [], []])
    return
  }
  expect(observations).toMatchObject([{ verdict: { reason } }])
  expect(answer.status).toBe(status === 200 ? (ofApi?.[name] ?? 200) : status)
  if (answer.status === 200) expectReached()
  else expect(world.api.seen).toEqual([])
}

/** The API got the request that was judged, and nothing of what the caller claimed. */
function expectReached(): void {
  const [seen] = world.api.seen
  const [judged] = world.doors.check.observations
  const [path] = seen?.url.split('?') ?? []
  // HAProxy has no path for "*", and says none.
  expect([path, '']).toContain(judged?.path)
  expect(seen?.method).toBe(judged?.method)
  expect(JSON.stringify(seen?.fields)).not.toMatch(/forged|kf_/)
  expect(identityOf(seen?.fields ?? [])).toEqual([
    judged?.verdict.policy?.tokenId,
    'acme:42',
    'browser',
  ])
}

/** What the API was told of the caller, empty values apart: nginx leaves those out. */
function identityOf(fields: readonly (readonly [string, string])[]): string[] {
  return IDENTITY_FIELDS.flatMap((name) =>
    fields
      .filter(([sent, value]) => foldFieldName(sent) === name.toLowerCase() && value !== '')
      .map(([, value]) => value),
  )
}

function knowingTokens(): void {
  test.each<{ change: (secret: string) => string; because: string }>([
    { change: (secret) => secret.slice(0, 20), because: 'its first 20 characters' },
    { change: (secret) => secret.slice(0, -1), because: 'all but its last character' },
    { change: (secret) => `${secret}x`, because: 'one character more' },
    { change: (secret) => secret.toUpperCase(), because: 'another case' },
    { change: (secret) => `${secret},${secret}`, because: 'twice in one line' },
  ])('T27 beside a token that is allowed, $because is none', async ({ change }) => {
    const secret = world.doors.secretOf('open')
    const statuses = []
    for (const token of [secret, change(secret), secret, change(secret)]) {
      statuses.push(await statusOf(`X-API-Key: ${token}`))
    }
    expect(statuses).toEqual([200, 401, 200, 401])
  })

  test('T27 of forty tokens that begin alike, each is itself alone', async () => {
    const tokens = Array.from(
      { length: 40 },
      (_, at) => `shared-beginning-of-forty-characters-${at}`,
    )
    const known = tokens.filter((_, at) => at % 2 === 0)
    const answer = await world.doors.manage('POST', '/v1/tokens/import', {
      tokens: known.map((token) => ({
        name: token,
        owner: 'acme:42',
        hash: hash('sha256', token),
      })),
    })
    expect(answer.status).toBe(201)
    const statuses = []
    for (const token of tokens) statuses.push(await statusOf(`X-API-Key: ${token}`))
    expect(statuses).toEqual(tokens.map((_, at) => (at % 2 === 0 ? 200 : 401)))
  })
}

interface Question {
  readonly token: TokenName
  readonly origin: string | undefined
  readonly status: number
}

/** They differ in one thing each. */
const QUESTIONS: readonly Question[] = [
  { token: 'pages', origin: 'https://shop.example', status: 200 },
  { token: 'pages', origin: 'https://evil.example', status: 403 },
  { token: 'pages', origin: undefined, status: 403 },
  { token: 'servers', origin: undefined, status: 200 },
  { token: 'servers', origin: 'https://shop.example', status: 403 },
  { token: 'open', origin: 'https://evil.example', status: 200 },
  { token: 'revoked', origin: 'https://shop.example', status: 401 },
  { token: 'damaged', origin: 'https://shop.example', status: 503 },
]

async function statusOnKept(agent: Agent, { token, origin }: Question): Promise<number> {
  const key = { host: 'api.example', 'x-api-key': world.doors.secretOf(token) }
  const headers = { ...key, ...(origin === undefined ? {} : { origin }) }
  const place = { host: '127.0.0.1', port: example.port, localAddress: LISTED }
  const outgoing = request({ ...place, servername: 'api.example', agent, headers }).end()
  const [response] = await once(outgoing, 'response')
  await once(response.resume(), 'end')
  return response.statusCode
}

function answeringInOrder(): void {
  test('T28 on one connection, forwards and backwards, each question has its own answer', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    const asked = [...QUESTIONS, ...QUESTIONS.toReversed()]
    const statuses = []
    for (const question of asked) statuses.push(await statusOnKept(agent, question))
    agent.destroy()
    expect(statuses).toEqual(asked.map(({ status }) => status))
  })

  test('T28 at once on one connection, no answer and no identity is another’s', async () => {
    const socket = await dialTls(example.port, undefined, 'h2')
    const session = connectHttp2('https://api.example', { createConnection: () => socket })
    const asked = Array.from({ length: 10 }, () => QUESTIONS).flat()
    const statuses = await Promise.all(
      asked.map(async ({ token, origin }, at) => {
        const key = { 'x-api-key': world.doors.secretOf(token) }
        const page = origin === undefined ? {} : { origin }
        const stream = session.request({ ':path': `/${token}?${at}`, ...key, ...page })
        stream.end()
        const [headers] = await once(stream, 'response')
        stream.resume()
        await once(stream, 'end')
        return headers[':status']
      }),
    )
    session.destroy()
    expect(statuses).toEqual(asked.map(({ status }) => status))
    const { observations } = world.doors.check
    const idOf = (path: string) =>
      observations.find((judged) => judged.path === path)?.verdict.policy?.tokenId
    for (const { url, fields } of world.api.seen) {
      expect(identityOf(fields)[0]).toBe(idOf(url.split('?')[0] ?? ''))
    }
    expect(world.api.seen.length).toBe(asked.filter(({ status }) => status === 200).length)
  })
}

const TOKEN_ID = 'Keyfence-Token-Id: tok_forged\r\n'
const ok = (fields: string, body = ''): string =>
  `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`
const only = (status: string, fields = ''): string =>
  `HTTP/1.1 ${status}\r\n${fields}Content-Length: 0\r\n\r\n`

/** What may come back from where Keyfence should be. */
const NO_DECISIONS: readonly { octets: string; because: string }[] = [
  { octets: '', because: 'nothing' },
  { octets: ok(''), because: 'a 200 that names no token' },
  { octets: ok('', '<html>It works!</html>'), because: 'the page of another program' },
  { octets: ok('Keyfence-Token-Id: \r\n'), because: 'a 200 with an empty identity' },
  { octets: ok('Keyfence-Owner: acme:42\r\n'), because: 'half an identity' },
  { octets: only('204 No Content'), because: 'another success' },
  { octets: only('206 Partial Content'), because: 'a part' },
  { octets: only('301 Moved', 'Location: /\r\n'), because: 'a redirect' },
  {
    octets: only('302 Found', `Location: /check\r\n${TOKEN_ID}`),
    because: 'a redirect with a name',
  },
  { octets: only('304 Not Modified', TOKEN_ID), because: 'what a cache says' },
  { octets: only('400 Bad Request', TOKEN_ID), because: 'it cannot read the question' },
  { octets: only('401 Unauthorized'), because: 'another program’s 401' },
  { octets: only('403 Forbidden'), because: 'another program’s 403' },
  { octets: only('404 Not Found', TOKEN_ID), because: 'another path' },
  { octets: only('418 Teapot', TOKEN_ID), because: 'the status that an example uses inside' },
  { octets: only('429 Too Many Requests', TOKEN_ID), because: 'too many' },
  { octets: only('500 Oops', TOKEN_ID), because: 'a fault' },
  { octets: only('502 Bad Gateway', TOKEN_ID), because: 'a fault behind it' },
  { octets: only('503 Unavailable', TOKEN_ID), because: 'busy' },
  { octets: only('999 Forged', TOKEN_ID), because: 'no status' },
  { octets: 'HTTP/1.1 100 Continue\r\n\r\n', because: 'only that it goes on' },
  { octets: 'HTTP/1.1 200 OK\r\nKeyfence-Tok', because: 'half a header section' },
  { octets: `tok_forged is allowed\r\n\r\n`, because: 'no HTTP' },
  { octets: `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(60_000)}`, because: 'fields without end' },
]

function failing(): void {
  test.each(NO_DECISIONS)('T33 $because in place of a decision is no allow', async ({ octets }) => {
    world.keyfence.say(octets)
    const { status } = await ask([keyOf('open'), SHOP])
    await world.keyfence.resume()
    expect(status).toBeGreaterThanOrEqual(300)
    expect(world.api.seen).toEqual([])
    expect(await statusOf(keyOf('open'), SHOP)).toBe(200)
  })

  test('T30 one check that fails is one 503, and makes no token unknown', async () => {
    world.keyfence.say('')
    expect(await statusOf(keyOf('open'))).toBe(503)
    await world.keyfence.resume()
    expect(await statusOf(keyOf('open'))).toBe(200)
    await world.doors.whileStale(async () => expect(await statusOf(keyOf('open'))).toBe(503))
    expect(await statusOf(keyOf('open'))).toBe(200)
  })

  test('T30 a token that was unknown is known as soon as it is there', async () => {
    const token = 'not-yet-imported-token-of-thirty'
    expect(await statusOf(`X-API-Key: ${token}`)).toBe(401)
    const tokens = [{ name: 'late', owner: 'acme:42', hash: hash('sha256', token) }]
    await world.doors.manage('POST', '/v1/tokens/import', { tokens })
    expect(await statusOf(`X-API-Key: ${token}`)).toBe(200)
  })

  test('T31 no outage revives a token that was revoked', async () => {
    const created = await world.doors.manage('POST', '/v1/tokens', { name: 'a', owner: 'acme:42' })
    const { id, secret } = created.body
    const key = `X-API-Key: ${secret}`
    expect(await statusOf(key)).toBe(200)
    await world.doors.manage('POST', `/v1/tokens/${id}/revoke`)
    forget()
    expect(await statusOf(key)).toBe(401)
    await world.keyfence.end()
    expect(await statusOf(key)).toBe(503)
    await world.keyfence.resume()
    await world.doors.whileStale(async () => expect(await statusOf(key)).toBe(503))
    expect(await statusOf(key)).toBe(401)
    expect(world.api.seen).toEqual([])
  })
}

/** The proxy asks one node; the token is revoked at another of the same store. */
async function expectTwoNodes(
  name: ExampleName,
  start: (typeof EXAMPLES)[number]['start'],
): Promise<void> {
  const flags = ['--trusted-proxies=127.0.0.1', '--poll-interval-ms=100']
  const door = { door: 'check', profile: name, flags } as const
  const first = await startKeyfence(door)
  const second = await startKeyfence({ ...door, folder: first.folder })
  const around = await startSurroundings(Number(new URL(second.url).port))
  const proxy = await start(around)
  const { id, secret } = (await manage(first, 'POST /v1/tokens', { name: 'a', owner: 'b' })).body
  const status = async (): Promise<number> =>
    (await askExample(proxy.port, { lines: [`X-API-Key: ${secret}`] })).status
  await expect.poll(status).toBe(200)
  await manage(first, `POST /v1/tokens/${id}/revoke`)
  await expect.poll(status).toBe(401)
  around.api.seen.length = 0
  await first.stop('SIGKILL')
  expect(await status()).toBe(401)
  expect(around.api.seen).toEqual([])
  await proxy.stop()
  await around.close()
  await second.close()
  await first.close()
}
