/** Settings that limit something, at N and N + 1, in a process of its own. Those of the data listener are in threats/sockets.test.ts. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  manage,
  MANAGEMENT_KEY,
  type RunningKeyfence,
  send,
  startKeyfence,
} from './running-keyfence.ts'

const LIMITS = {
  'max-domains': 2,
  'max-ips': 3,
  'management-body-bytes-max': 1024,
  'refusals-per-token-max': 10,
  'keep-alive-timeout-ms': 1000,
}

let keyfence: RunningKeyfence

beforeAll(async () => {
  keyfence = await startKeyfence({
    flags: Object.entries(LIMITS).map(([name, value]) => `--${name}=${value}`),
  })
})
afterAll(() => keyfence.close())

const draft = { name: 'limits', owner: 'acme' }
const create = (more: object = {}) => manage(keyfence, 'POST /v1/tokens', { ...draft, ...more })
const numbered = (count: number, entry: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => entry(at + 1))
const on = (entries: readonly string[]) => ({ enabled: true, entries })

test.each<{ list: 'domains' | 'ips'; max: number; entry: (at: number) => string }>([
  { list: 'domains', max: LIMITS['max-domains'], entry: (at) => `shop${at}.com` },
  { list: 'ips', max: LIMITS['max-ips'], entry: (at) => `8.8.8.${at}` },
])('$max $list may be listed, and one more may not', async ({ list, max, entry }) => {
  const put = async (count: number) => {
    const off = { enabled: false, entries: [] }
    const restrictions = { domains: off, ips: off, [list]: on(numbered(count, entry)) }
    const { status, body } = await create({ restrictions })
    return [status, ...(body.problems ?? []).map(({ path, code }) => `${path} ${code}`)]
  }
  expect(await put(max)).toEqual([201])
  expect(await put(max + 1)).toEqual([422, `/${list}/entries/${max} entries_too_many`])
})

test('a management body may have as many octets, and one more is 413', async () => {
  const max = LIMITS['management-body-bytes-max']
  const post = async (octets: number) => {
    const body = JSON.stringify(draft).padEnd(octets, ' ')
    const headers = {
      authorization: `Bearer ${MANAGEMENT_KEY}`,
      'content-type': 'application/json',
    }
    return (await send(`${keyfence.managementUrl}/v1/tokens`, { method: 'POST', headers, body }))
      .status
  }
  expect([await post(max), await post(max + 1)]).toEqual([201, 413])
})

test('as many refusals of a token are kept, the newest; all are counted', async () => {
  const max = LIMITS['refusals-per-token-max']
  const { id, secret } = (await create({ restrictions: { domains: on([]), ips: on([]) } })).body
  const refused: unknown[] = []
  for (let call = 0; call <= max; call++) {
    const { headers } = await send(keyfence.url, { headers: { 'x-api-key': secret } })
    refused.push(headers['keyfence-request-id'])
  }
  const { body } = await manage(keyfence, `GET /v1/tokens/${id}/activity`)
  const { refusals, counts } = body as unknown as Activity // what the route documents
  expect(refusals.map(({ requestId }) => requestId)).toEqual(refused.slice(1).toReversed())
  expect(counts).toMatchObject([{ reason: 'ip_list_empty', count: max + 1 }])
  const [first, second] = refused
  expect((await manage(keyfence, `GET /v1/refusals/${String(first)}`)).status).toBe(404)
  expect((await manage(keyfence, `GET /v1/refusals/${String(second)}`)).status).toBe(200)
})

interface Activity {
  readonly refusals: readonly { readonly requestId: string }[]
  readonly counts: readonly object[]
}

test('an idle connection is kept as long as it may be, and then closed', async () => {
  const { hostname, port } = new URL(keyfence.url)
  const socket = connect(Number(port), hostname)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 401 [^]*\r\nKeep-Alive: timeout=1\r\n/)
  const answeredAt = performance.now()
  await once(socket.resume(), 'close')
  const idleMs = performance.now() - answeredAt
  // A timer may be early by a fraction, and a busy machine late.
  expect(idleMs).toBeGreaterThan(LIMITS['keep-alive-timeout-ms'] - 100)
  expect(idleMs).toBeLessThan(LIMITS['keep-alive-timeout-ms'] * 5)
})
