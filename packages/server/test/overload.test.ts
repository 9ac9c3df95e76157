/** A proxy that cannot follow: what it would pass on is turned away, and no longer than that lasts. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../src/fence/clock.ts'
import { type RunningNode, startNode } from '../src/node/start-node.ts'
import { until } from './faults/three-nodes.ts'
import { nodeConfig } from './node-config.ts'
import { MANAGEMENT_KEY, send } from './running-keyfence.ts'

/** More than it takes in one turn to be an overload. */
const CROWD = 220
const LATE_MS = 1200

const folder = mkdtempSync(join(tmpdir(), 'keyfence-overload-'))
const api = createServer((_request, response) => response.writeHead(204).end())
let node: RunningNode

beforeAll(async () => {
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  const { port } = api.address() as AddressInfo // it listens on TCP
  node = await startNode({
    config: nodeConfig(folder, {
      upstream: `http://127.0.0.1:${port}`,
      'headers-timeout-ms': '60000',
      'keep-alive-timeout-ms': '60000',
    }),
    clock: systemClock,
    random: randomBytes,
    log: pino({ level: 'silent' }),
    version: '0',
  })
})
afterAll(async () => {
  await node.close()
  api.closeAllConnections()
  api.close()
  rmSync(folder, { recursive: true, force: true })
})

test('what comes while the loop is late by more than a second twice is turned away', async () => {
  const secret = await issuedSecret()
  const port = node.dataAddress?.port ?? 0
  const callers = Array.from({ length: CROWD }, () => connect(port, '127.0.0.1'))
  await Promise.all(callers.map((caller) => once(caller, 'connect')))
  const seen: number[] = []
  // The first answers come when every connection is taken, which is one a turn.
  while (!seen.includes(503)) {
    const answers = callers.map((caller) => askOn(caller, secret))
    // They are read in the turn that begins now, and the next one is late.
    await nextTurn()
    await nextTurn()
    spend(LATE_MS)
    seen.push(...(await Promise.all(answers)))
  }
  for (const caller of callers) caller.destroy()
  const statusOf = async (token: string): Promise<number> =>
    (await send(`http://127.0.0.1:${port}/`, { headers: { 'x-api-key': token } })).status
  // Refused anyway.
  expect(await statusOf('unknown')).toBe(401)
  expect(await metric('keyfence_requests_shed_total')).toBe(
    seen.filter((status) => status === 503).length,
  )
  expect(await metric('keyfence_event_loop_late_seconds_total')).toBeGreaterThan(2)
  await until(async () => (await statusOf(secret)) === 204)
  // The first that were so late were all passed on.
  expect(seen.slice(0, CROWD)).toEqual(Array.from({ length: CROWD }, () => 204))
  expect(new Set(seen)).toEqual(new Set([204, 503]))
}, 240_000)

const management = (path: string) => `http://127.0.0.1:${node.adminPort}${path}`

async function issuedSecret(): Promise<string> {
  const { body } = await send(management('/v1/tokens'), {
    method: 'POST',
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'shop', owner: 'acme' }),
  })
  return JSON.parse(body).secret
}

async function metric(name: string): Promise<number> {
  const { body } = await send(management('/metrics'))
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1])
}

async function askOn(caller: Socket, token: string): Promise<number> {
  const answered = once(caller, 'data')
  caller.write(`GET / HTTP/1.1\r\nHost: a.example\r\nX-API-Key: ${token}\r\n\r\n`)
  const [octets] = await answered
  return Number(/^HTTP\/1\.1 (\d+) /.exec(String(octets))?.[1])
}

function spend(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}
