import { createInterface } from 'node:readline'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../src/cli/main.ts'
import { manage, type RunningKeyfence, send, startKeyfence } from './running-keyfence.ts'

let keyfence: RunningKeyfence

beforeAll(async () => {
  keyfence = await startKeyfence({})
})
afterAll(() => keyfence.close())

const LISTS = {
  domains: { enabled: true, entries: ['shop.com'] },
  ips: { enabled: false, entries: [] },
}
const EVIL = { Origin: 'https://evil.com' }

/** The lines of `keyfence tail --json`, until `stop`. */
async function startTail() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const { promise: stopRequested, resolve: stop } = Promise.withResolvers<void>()
  const ended = runCli(['tail', '--json', `--data=${keyfence.folder}`], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    readFile: () => ({ ok: false, problem: '' }),
    stopRequested,
  })
  await createInterface({ input: stderr })[Symbol.asyncIterator]().next()
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<Record<string, unknown>> =>
    JSON.parse(String((await lines.next()).value))
  const end = () => {
    stop()
    return ended
  }
  return { next, end }
}

test('in report mode a refusal by the rule is let through, recorded, counted and followed', async () => {
  const { body: token } = await manage(keyfence, 'POST /v1/tokens', {
    name: 'trial',
    owner: 'acme',
    mode: 'report',
    restrictions: LISTS,
  })
  const tail = await startTail()
  const call = (path: string, more: Record<string, string> = {}) =>
    send(`${keyfence.url}${path}`, { headers: { 'X-API-Key': token.secret, ...more } })

  const letThrough = await call('/v1/orders?secret=1', EVIL)
  expect([letThrough.status, keyfence.reached]).toEqual([200, ['/v1/orders?secret=1']])
  expect(letThrough.headers['keyfence-request-id']).toBeUndefined()
  const followed = await tail.next()
  expect(followed).toMatchObject({
    tokenId: token.id,
    owner: 'acme',
    reason: 'domain_not_listed',
    domain: 'evil.com',
    path: '/v1/orders',
    enforced: false,
  })
  const { body: kept } = await manage(keyfence, `GET /v1/refusals/${String(followed['requestId'])}`)
  expect(kept).toMatchObject({ ...followed, sentence: expect.stringContaining('evil.com') })

  await call('/v1/orders', { Origin: 'https://shop.com' })
  const { body: activity } = await manage(keyfence, `GET /v1/tokens/${token.id}/activity`)
  const outcome = { effect: 'allow', source: 'browser', count: 1 }
  expect(activity).toMatchObject({
    counts: expect.arrayContaining([
      { ...outcome, enforced: false, reason: 'domain_not_listed' },
      { ...outcome, enforced: true, reason: 'domain_listed' },
    ]),
    refusals: [{ requestId: followed['requestId'], enforced: false }],
    seen: expect.arrayContaining([expect.objectContaining({ value: 'evil.com', allowed: 1 })]),
  })
  const { body: read } = await manage(keyfence, `GET /v1/tokens/${token.id}`)
  expect(read).toMatchObject({ lastUsedAt: expect.stringMatching(/:00\.000Z$/) })

  const { body: preview } = await manage(
    keyfence,
    `POST /v1/tokens/${token.id}/restrictions/preview`,
    LISTS,
  )
  expect(preview).toMatchObject({ calls: 2, refused: 1, newlyRefused: 1 })

  await manage(keyfence, `PATCH /v1/tokens/${token.id}`, { mode: 'enforce' })
  const enforced = await call('/v1/orders', EVIL)
  expect(enforced.status).toBe(403)
  const requestId = enforced.headers['keyfence-request-id']
  expect(await tail.next()).toMatchObject({ requestId, enforced: true })
  expect(await tail.end()).toBe(0)
})

test('nothing secret reaches what is kept or measured', async () => {
  const { body: token } = await manage(keyfence, 'POST /v1/tokens', { name: 'x', owner: 'acme' })
  await manage(keyfence, `POST /v1/tokens/${token.id}/disable`, {})
  const path = `/v1/${token.secret}?key=${token.secret}`
  const refused = await send(`${keyfence.url}${path}`, { headers: { 'X-API-Key': token.secret } })
  expect(refused.status).toBe(401)
  const requestId = String(refused.headers['keyfence-request-id'])
  const { body } = await manage(keyfence, `GET /v1/refusals/${requestId}`)
  expect(body).toMatchObject({ reason: 'token_disabled', path: `/v1/${'*'.repeat(43)}` })
  expect(JSON.stringify(body)).not.toContain(token.secret)
  const metrics = await send(`${keyfence.managementUrl}/metrics`)
  expect(metrics.body).toContain('keyfence_activity_dropped_total{kind="refusals"} 0')
})

test('what was refused last is still known after a restart', async () => {
  const refused = await send(`${keyfence.url}/v1/x`)
  expect(await keyfence.stop()).toBe(0)
  const { folder } = keyfence
  const again = await startKeyfence({ folder })
  const id = String(refused.headers['keyfence-request-id'])
  const { body } = await manage(again, `GET /v1/refusals/${id}`)
  expect(body).toMatchObject({ reason: 'token_missing', tokenId: null })
  await again.close()
})
