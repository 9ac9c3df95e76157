/** Row T38 of docs/threats.md: nothing secret is left behind by a run, wherever it is looked for. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getRequest, sendRaw } from '../raw-request.ts'
import { MANAGEMENT_KEY, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'
import { type CommandEnd, filesIn, runProgram } from './left-behind.ts'
import { type Canary, type LeftBehind, leaksOf } from './secret-forms.ts'

const CHECK_SECRET = `check-${randomBytes(16).toString('hex')}`
/** Of every imported key, so that one search finds any of them. */
const IMPORTED_PREFIX = `imported-${randomBytes(8).toString('hex')}`
/** From 10,000 secrets on a snapshot is written. */
const IMPORTED = 10_001

const canaries: Canary[] = []
const left: LeftBehind[] = []
let work: string
let proxy: RunningKeyfence
let check: RunningKeyfence

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'keyfence-canary-'))
  proxy = await startKeyfence({
    logLevel: 'trace',
    flags: ['--token-query=api_key', '--portal-listen=127.0.0.1:0'],
  })
  check = await startKeyfence({
    door: 'check',
    logLevel: 'trace',
    env: { KEYFENCE_CHECK_SECRET: CHECK_SECRET },
  })
  canary('the environment’s management key', MANAGEMENT_KEY)
  canary('the check secret', CHECK_SECRET)
  canary('an imported key', IMPORTED_PREFIX)
})

afterAll(async () => {
  await Promise.all([proxy.close(), check.close()])
  rmSync(work, { recursive: true, force: true })
})

function canary(what: string, secret: string = randomBytes(20).toString('hex')): string {
  canaries.push({ what, secret })
  return secret
}

/** What anybody may look at: an answer of either listener. */
async function ask(url: string, options: Parameters<typeof send>[1] = {}) {
  const answer = await send(url, options)
  const octets = JSON.stringify(answer.headers) + answer.body
  left.push({ place: `${options.method ?? 'GET'} ${new URL(url).pathname}`, octets })
  return answer
}

const KEY = { authorization: `Bearer ${MANAGEMENT_KEY}` }
const JSON_KEY = { ...KEY, 'content-type': 'application/json' }

function manageIn(
  node: RunningKeyfence,
  call: `${'GET' | 'POST' | 'DELETE'} /${string}`,
  body?: unknown,
) {
  const [method = '', path = ''] = call.split(' ')
  const headers = body === undefined ? KEY : JSON_KEY
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  return ask(`${node.managementUrl}${path}`, { method, headers, ...text })
}

interface Shown {
  readonly id: string
  readonly secret: string
}

/** The only answers that hold a secret: one, and no other that was used. */
async function shownOnce(
  what: string,
  path: string,
  { body, node = proxy }: { readonly body: unknown; readonly node?: RunningKeyfence },
): Promise<Shown> {
  const url = `${node.managementUrl}${path}`
  const headers = { ...JSON_KEY, 'idempotency-key': randomBytes(8).toString('hex') }
  const options = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await send(url, options)
  const shown: Shown = JSON.parse(answer.body)
  const before = { place: path, octets: answer.body.replace(shown.secret, '') }
  expect({ what, leaks: leaksOf(canaries, [before]) }).toEqual({ what, leaks: [] })
  canary(what, shown.secret)
  expect(leaksOf([{ what, secret: shown.secret }], [before])).toEqual([])
  if (path.startsWith('/v1/tokens')) {
    const replayed = await ask(url, options)
    expect(JSON.parse(replayed.body)).toMatchObject({ secretAlreadyShown: true })
  }
  return shown
}

const DRAFT = { name: 'canary', owner: 'acme' }
const LISTS = {
  domains: { enabled: true, entries: ['shop.com'] },
  ips: { enabled: false, entries: [] },
}

/** A link, whose secret is in this one answer alone. */
async function portalLink(what: string): Promise<string> {
  const answer = await send(`${proxy.managementUrl}/v1/portal-sessions`, {
    method: 'POST',
    headers: JSON_KEY,
    body: JSON.stringify({ owner: 'acme', capabilities: ['restrict'] }),
  })
  const { link }: { readonly link: string } = JSON.parse(answer.body)
  canary(what, link.split('#')[1])
  return link
}

/** One of each life that a token may have. */
async function createTokens(node: RunningKeyfence): Promise<readonly string[]> {
  const create = (what: string, more: object = {}) =>
    shownOnce(what, '/v1/tokens', { body: { ...DRAFT, ...more }, node })
  const changed = async (what: string, action: string) => {
    const { id, secret } = await create(what)
    await manageIn(node, `POST /v1/tokens/${id}/${action}`)
    return secret
  }
  const rotated = await create('a secret that was rotated out')
  const path = `/v1/tokens/${rotated.id}/rotate`
  const overlapping = await shownOnce('a rotated secret', path, { body: {}, node })
  const newest = await shownOnce('a secret beside the one before', path, {
    body: { overlapMs: 600_000 },
    node,
  })
  const deleted = await create('a deleted token')
  await manageIn(node, `DELETE /v1/tokens/${deleted.id}`)
  return [
    (await create('a token that is good everywhere')).secret,
    (await create('a restricted token', { restrictions: LISTS })).secret,
    (await create('a token in report mode', { mode: 'report', restrictions: LISTS })).secret,
    rotated.secret,
    overlapping.secret,
    newest.secret,
    deleted.secret,
    await changed('a revoked token', 'revoke'),
    await changed('a disabled token', 'disable'),
  ]
}

/** What is no token of anybody. */
function wrongTokens(): readonly string[] {
  const malformed = `kf_${randomBytes(20).toString('hex')}`
  return [
    canary('an unknown token'),
    canary('a token with a wrong checksum', malformed),
    canary('an over-long token').repeat(13),
  ]
}

/** Every place of a request that a secret may stand in; an API behind the proxy sees none of these. */
function requestsWith(token: string, path = '/'): readonly string[] {
  const other = canaries[0]?.secret ?? ''
  const basic = Buffer.from(`user:${token}`).toString('base64')
  const line = (field: string, target = path) => getRequest([field], target)
  return [
    line(`Authorization: Bearer ${token}`),
    line(`X-API-Key: ${token}`),
    line(`Authorization: Basic ${basic}`),
    line(`Authorization: ${token}`),
    line(`Cookie: session=${token}`),
    line(`X-Other: ${token}`),
    line('X: y', `${path}?api_key=${token}`),
    line('X: y', `${path}?key=${token}&api_key=`),
    getRequest([`X-API-Key: ${token}`, `X-API-Key: ${token}`], path),
    getRequest([`X-API-Key: ${token}`, `Authorization: Bearer ${other}`], path),
    getRequest([`X-API-Key: ${token}`, 'Origin: https://evil.com'], `${path}?api_key=${token}`),
    getRequest([...HANDSHAKE, `Sec-WebSocket-Protocol: keyfence.${token}`], path),
    line(`X-API-Key: ${token}\u0001`),
    `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${token.length}\r\n\r\n${token}`,
    `${token} HTTP/1.1\r\n\r\n`,
  ]
}

const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

async function sendAll(url: string, requests: readonly string[]): Promise<void> {
  for (const request of requests) {
    const { headers, body } = await sendRaw(url, request)
    left.push({ place: `an answer at ${url}`, octets: JSON.stringify(headers) + body })
  }
}

async function abuseManagement(node: RunningKeyfence, secret: string): Promise<void> {
  const url = `${node.managementUrl}/v1/tokens`
  await ask(url, { headers: { authorization: `Bearer ${secret}` } })
  await ask(url, { headers: { authorization: `Basic ${btoa(`a:${secret}`)}` } })
  await ask(`${url}?owner=${secret}%20x&cursor=${secret}&limit=${secret}`, { headers: KEY })
  await ask(`${url}/${secret}`, { headers: KEY })
  await ask(`${node.managementUrl}/v1/refusals/${secret}`, { headers: KEY })
  await ask(url, { method: 'POST', headers: JSON_KEY, body: `{"name":"${secret}` })
  await ask(url, { method: 'POST', headers: JSON_KEY, body: `{"name":7,"owner":["${secret}"]}` })
  await ask(url, { method: 'POST', headers: { ...KEY, 'content-type': secret }, body: secret })
  await manageIn(node, 'POST /v1/decide', {
    token: secret,
    peer: '8.8.8.8',
    headers: [
      ['Authorization', `Bearer ${secret}`],
      ['Origin', 'https://evil.com'],
    ],
  })
  await manageIn(node, 'POST /v1/explain', {
    restrictions: LISTS,
    request: { headers: [['X-API-Key', secret]], peer: '8.8.8.8' },
  })
}

function expectNoLeaks(found: readonly LeftBehind[]): void {
  expect(found.length).toBeGreaterThan(0)
  expect(found.map(({ octets }) => octets).join('').length).toBeGreaterThan(0)
  expect(leaksOf(canaries, found)).toEqual([])
}

async function command(argv: readonly string[], end?: Partial<CommandEnd>): Promise<CommandEnd> {
  const ended = await runProgram([...argv, `--data=${proxy.folder}`])
  for (const stream of ['stdout', 'stderr'] as const) {
    left.push({ place: `${stream} of keyfence ${argv[0]} ${argv[1]}`, octets: ended[stream] })
  }
  expect({ argv, ...ended }).toMatchObject(end ?? { code: 0 })
  return ended
}

describe('a run with secrets in every place', () => {
  let id: string
  let tokens: readonly string[]

  test('T38 management shows each secret once', async () => {
    tokens = [...(await createTokens(proxy)), ...(await createTokens(check)), ...wrongTokens()]
    const body = { name: 'canary', scopes: ['read', 'write', 'decide'] }
    const key = await shownOnce('a management key', '/v1/keys', { body })
    const gone = await shownOnce('a revoked management key', '/v1/keys', { body })
    await manageIn(proxy, `POST /v1/keys/${gone.id}/revoke`)
    id = (await shownOnce('one more token', '/v1/tokens', { body: DRAFT })).id
    for (const secret of [key.secret, gone.secret, canary('a wrong management key')]) {
      await abuseManagement(proxy, secret)
    }
    expectNoLeaks(left)
  })

  test('T38 the command line shows a secret once, and imports plain keys', async () => {
    const keys = Array.from({ length: IMPORTED }, (_, at) =>
      JSON.stringify({ key: `${IMPORTED_PREFIX}-${at}`, ...DRAFT, owner: 'imported' }),
    )
    writeFileSync(join(work, 'keys.jsonl'), keys.join('\n'))
    await command(['import', join(work, 'keys.jsonl')])
    const known = `${IMPORTED_PREFIX}-0`
    writeFileSync(join(work, 'again.jsonl'), `{"key":"${known}","name":7}\n{"key":"${known}`)
    await command(['import', join(work, 'again.jsonl')], { code: 1 })
    writeFileSync(join(work, 'known.jsonl'), keys[0] ?? '')
    await command(['import', join(work, 'known.jsonl')], { code: 1 })
    await command(['import', join(work, 'known.jsonl'), '--skip-known'])
    tokens = [...tokens, known]
    const create = ['token', 'create', '--name=cli', '--owner=acme', '--json']
    const { stdout } = await runProgram([...create, `--data=${proxy.folder}`])
    tokens = [...tokens, canary('a token of the command line', JSON.parse(stdout).secret)]
    const { secret } = await shownOnce('rotated beside it', `/v1/tokens/${id}/rotate`, { body: {} })
    tokens = [...tokens, secret]
  }, 180_000)

  test('T38 links to the portal and its sessions, used and unused', async () => {
    await portalLink('a link that nobody used')
    const link = await portalLink('a used link')
    const [portal = '', secret = ''] = link.split('/link#')
    const fields = { origin: portal, 'content-type': 'application/json' }
    const use = { method: 'POST', headers: fields, body: JSON.stringify({ link: secret }) }
    const opened = await send(`${portal}/v1/session/link`, use)
    const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const session = canary('a session of the portal', cookie.split('=')[1])
    left.push({ place: 'the answer that opens the portal', octets: opened.body })
    await ask(`${portal}/v1/session/link`, use)
    for (const path of ['/v1/session', '/v1/tokens', `/v1/tokens/${session}`, `/${secret}`]) {
      await ask(`${portal}${path}`, { headers: { cookie } })
      await ask(`${portal}${path}`, { headers: { authorization: `Bearer ${session}`, cookie: '' } })
    }
    expect(leaksOf(canaries, [{ place: 'the cookie', octets: cookie }])).not.toEqual([])
    expectNoLeaks(left)
  })

  test('T38 requests bring them in every place that a request has', async () => {
    for (const token of tokens) {
      await sendAll(proxy.url, requestsWith(token))
      await sendAll(check.url, requestsWith(token, '/check/orders'))
      const secret = `Keyfence-Check-Secret: ${CHECK_SECRET}`
      const asked = [secret, `X-API-Key: ${token}`, 'Origin: https://evil.com']
      await sendAll(check.url, [getRequest(asked, '/check/orders')])
      await sendAll(check.url, [getRequest([...asked, secret], '/check')])
      await sendAll(check.url, [getRequest([`Keyfence-Check-Secret: ${token}`], '/check')])
      await abuseManagement(proxy, token)
      await abuseManagement(check, token)
    }
    // A path is the one place where a token of ours is known by its shape alone.
    const ours = tokens.filter((token) => /^kf_.{40}$/.test(token))
    for (const token of ours) {
      const encoded = token.replace(/_/g, '%5F')
      for (const path of [`/a/${token}/b`, `/${encoded}`]) {
        await sendAll(proxy.url, [getRequest([], path)])
        await sendAll(check.url, [getRequest([`X-API-Key: x`], `/check${path}`)])
      }
    }
    expectNoLeaks(left)
  }, 120_000)

  test('T38 what is told of it afterwards', async () => {
    const refusals = await manageIn(proxy, 'GET /v1/refusals?limit=200')
    const requestId: string = JSON.parse(refusals.body).items[0].requestId
    for (const node of [proxy, check]) {
      for (const path of [
        '/v1/refusals?limit=200',
        '/v1/tokens?limit=200',
        '/v1/keys',
        '/v1/audit?limit=200',
        '/v1/openapi.json',
        '/metrics',
        '/healthz',
      ] as const) {
        const { status } = await manageIn(node, `GET ${path}`)
        expect([path, status]).toEqual([path, 200])
      }
      // On a busy machine it may be late just now, and says so.
      await manageIn(node, 'GET /readyz')
    }
    await manageIn(proxy, `GET /v1/refusals/${requestId}`)
    await manageIn(proxy, `GET /v1/tokens/${id}`)
    await manageIn(proxy, `GET /v1/tokens/${id}/activity`)
    await manageIn(proxy, `POST /v1/tokens/${id}/restrictions/preview`, LISTS)
    for (const argv of [
      ['why', requestId],
      ['why', requestId, '--json'],
      ['token', 'list', '--limit=200'],
      ['token', 'show', id],
      ['key', 'list'],
      ['audit', '--json'],
      ['backup', join(work, 'backup.db')],
      ['export', join(work, 'export.jsonl')],
    ]) {
      await command(argv)
    }
    await command(['healthcheck', `--url=${proxy.managementUrl}`], {})
    expectNoLeaks(left)
  }, 120_000)

  test('T38 commands that are given a secret', async () => {
    const secret = canary('a secret on a command line')
    const header = `--header=Authorization: Bearer ${secret}`
    const env = {
      KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY,
      KEYFENCE_CHECK_SECRET: CHECK_SECRET,
      KEYFENCE_CHECK_PROFILE: 'plain',
    }
    const explained = await runProgram(['explain', '--domain=shop.com', '--peer=8.8.8.8', header])
    const printed = await runProgram(['config', 'print'], { env })
    const unset = await runProgram(['config', 'check'], { env: { KEYFENCE_CHEK_SECRET: secret } })
    const why = await runProgram(['why', secret, `--data=${proxy.folder}`])
    const shown = await runProgram(['token', 'show', secret, `--data=${proxy.folder}`])
    const flag = await runProgram(['serve', `--check-secret=${secret}`])
    const ends = [explained, printed, unset, why, shown, flag]
    expect(ends.map(({ code }) => code)).toEqual([1, 0, 1, 2, 2, 2])
    expectNoLeaks(ends.map((end, at) => ({ place: `${at}`, octets: JSON.stringify(end) })))
  }, 60_000)

  test('T38 refusals while somebody follows them', async () => {
    const tail = await runProgram(['tail', `--data=${proxy.folder}`], {
      until: async (written) => {
        await expect.poll(() => written.stderr, { timeout: 30_000 }).toContain('Waiting')
        for (const token of tokens) await sendAll(proxy.url, requestsWith(token).slice(0, 8))
        await expect.poll(() => written.stdout, { timeout: 10_000 }).toContain('token_unknown')
      },
    })
    expect(tail.code).toBe(0)
    expectNoLeaks([{ place: 'tail', octets: tail.stdout + tail.stderr }])
  }, 60_000)

  test('T38 files and logs, while it runs and when it has ended', async () => {
    const files = () => [...filesIn(proxy.folder), ...filesIn(check.folder)]
    const names = () => files().map(({ place }) => place.replace(/^.*\//, ''))
    expect(names()).toEqual(expect.arrayContaining(['keyfence.db', 'keyfence.db-wal']))
    expectNoLeaks(files())
    expect(await proxy.stop()).toBe(0)
    expect(await check.stop()).toBe(0)
    expect(names()).toEqual(expect.arrayContaining(['keyfence.db', 'fence.snapshot']))
    expectNoLeaks(files())
    const kept = filesIn(work).filter(({ place }) => /(backup\.db|export\.jsonl)$/.test(place))
    expect(kept).toHaveLength(2)
    expectNoLeaks(kept)
    expectNoLeaks([
      ...[proxy, check].map((node) => ({ place: 'log', octets: node.log() })),
      ...[proxy, check].map((node) => ({ place: 'output', octets: node.output() })),
    ])
    expectNoLeaks(left)
  }, 60_000)
})
