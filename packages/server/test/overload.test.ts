/** A proxy that cannot follow: what it would pass on is turned away, and no longer than that lasts. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../src/fence/clock.ts'
import { LoopLateness, LoopWatch } from '../src/node/loop-lateness.ts'
import { BEARER, exchange, proxyBefore } from '../src/proxy/proxy-fixture.ts'
import { startProxy } from '../src/proxy/proxy.ts'
import { until } from './faults/three-nodes.ts'

/** More than a second of judging arrives at once. */
const CROWD = 220
const JUDGING_MS = 5

/** No limit of the proxy is reached, however late everything is. */
const PATIENT = { headersMs: 0, keepAliveMs: 0, upstreamConnectMs: 0, upstreamResponseMs: 0 }

const lateness = new LoopLateness(1)
const api = createServer((_request, response) => response.writeHead(204).end())

beforeAll(async () => {
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
})
afterAll(() => {
  api.closeAllConnections()
  api.close()
})

test('what makes the loop late by more than a second twice is turned away for a while', async () => {
  const { port } = api.address() as AddressInfo // it listens on TCP
  await using fixture = await proxyBefore(port, { timeouts: PATIENT })
  const watch = new LoopWatch({ lateness, thread: 0, clock: systemClock })
  const { context } = fixture
  const slow = {
    ...context,
    lookUp: (token: Parameters<typeof context.lookUp>[0]) => {
      spend(JUDGING_MS)
      return context.lookUp(token)
    },
    sheds: () => watch.sheds(),
  }
  const proxy = await startProxy(slow, { host: '127.0.0.1', port: 0 })
  const callers = Array.from({ length: CROWD }, () => connect(proxy.address.port, '127.0.0.1'))
  await Promise.all(callers.map((caller) => once(caller, 'connect')))
  const seen: number[] = []
  while (!seen.includes(503)) {
    // On connections that are there already, so that all of them are read in one turn.
    seen.push(...(await Promise.all(callers.map((caller) => askOn(caller)))))
  }
  for (const caller of callers) caller.destroy()
  const ask = async (...fields: string[]): Promise<number> =>
    (await exchange(proxy.address.port, ['GET / HTTP/1.1', 'Host: a.example', ...fields])).status
  const { shed } = lateness
  expect(await ask()).toBe(401)
  await until(async () => (await ask(BEARER)) === 204)
  // The first turn that was so late turned nothing away.
  expect(seen.slice(0, CROWD)).toEqual(Array.from({ length: CROWD }, () => 204))
  expect(seen.filter((status) => status !== 204)).toEqual(Array.from({ length: shed }, () => 503))
  watch.close()
  await proxy.close({ drainMs: 0 })
}, 240_000)

async function askOn(caller: Socket): Promise<number> {
  const answered = once(caller, 'data')
  caller.write(`GET / HTTP/1.1\r\nHost: a.example\r\n${BEARER}\r\n\r\n`)
  const [octets] = await answered
  return Number(/^HTTP\/1\.1 (\d+) /.exec(String(octets))?.[1])
}

function spend(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}
