import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { type Server, Socket } from 'node:net'
import { expect, test } from 'vitest'
import {
  answeredOf,
  BEARER,
  closed,
  dial,
  fieldsNamed,
  nextConnection,
  nextRequest,
  proxyBefore,
  type ProxyUnderTest,
  readAll,
  readUntil,
  STALLED,
  standsStill,
  startUpstream,
} from './proxy-fixture.ts'
import { rawUpstream } from './raw-upstream-fixture.ts'

const GET = `GET / HTTP/1.1\r\nHost: a\r\n${BEARER}\r\n\r\n`

test('what is in progress may finish, and its connection closes then', async () => {
  let slow: ServerResponse | undefined
  await using api = await startUpstream((_request, response) => {
    slow = response
  })
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, GET)
  await nextRequest(api.server)
  const closing = proxy.running.close({ drainMs: 60_000 })
  slow?.end('done')
  expect(answeredOf(await readAll(caller)).body).toBe('done')
  await closing
})

test('an idle connection closes at once', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, GET)
  await readUntil(caller, 'hello')
  await proxy.running.close({ drainMs: 60_000 })
  await closed(caller)
})

test('a half-sent request keeps nobody waiting', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const first = await dial(proxy.port, GET)
  await readUntil(first, 'hello')
  const caller = await dial(proxy.port, 'GET / HT')
  const other = await dial(proxy.port, GET)
  await readUntil(other, 'hello')
  await proxy.running.close({ drainMs: 60_000 })
  await closed(caller)
})

test('what has not finished after the drain time is cut', async () => {
  await using api = await startUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, GET)
  const { socket } = await nextRequest(api.server)
  const text = readAll(caller)
  await proxy.running.close({ drainMs: 20 })
  expect(await text).toBe('')
  await closed(socket)
})

test('while draining no new connection is taken, and a kept one serves a last request', async () => {
  let last: ServerResponse | undefined
  await using api = await startUpstream((request, response) => {
    if (request.url === '/slow') last = response
    else response.end('quick')
  })
  await using proxy = await proxyBefore(api.port)
  const slow = await dial(proxy.port, GET.replace('/ ', '/slow '))
  await nextRequest(api.server)
  const kept = await dial(proxy.port, 'GET / HTTP/1.1\r\n')
  const closing = proxy.running.close({ drainMs: 60_000 })
  await expect(dial(proxy.port, GET)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  kept.write(GET.slice('GET / HTTP/1.1\r\n'.length))
  const answer = answeredOf(await readAll(kept))
  expect(answer.body).toBe('quick')
  expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
  last?.end('slow')
  expect(answeredOf(await readAll(slow)).body).toBe('slow')
  await closing
})

test('a port that is taken rejects', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const { startProxy } = await import('./proxy.ts')
  await expect(
    startProxy(proxy.context, { host: '127.0.0.1', port: proxy.port }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

/** A caller that takes nothing, and an answer to it of which all has been said and some still waits. */
async function waitingEnd(proxy: ProxyUnderTest, api: { server: Server }, request: string) {
  const accepted: Socket[] = []
  const onAccepted = (told: unknown): void => {
    const socket: unknown = Reflect.get(Object(told), 'socket')
    if (socket instanceof Socket) accepted.push(socket)
  }
  subscribe('net.server.socket', onAccepted)
  const caller = await dial(proxy.port, request)
  caller.pause()
  const inner = await nextConnection(api.server)
  unsubscribe('net.server.socket', onAccepted)
  const door = accepted.find(({ remotePort }) => remotePort === caller.localPort)
  if (door === undefined) throw new Error('the caller was not accepted')
  inner.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
  // So much that some of it waits, and so little that the end is read all the same.
  for (;;) {
    const before = door.bytesWritten
    inner.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`)
    await until(() => door.bytesWritten > before + 0x4000)
    if (door.writableLength !== 0 && (await staysTheSame(() => door.writableLength))) break
  }
  inner.write('0\r\n\r\n')
  return { caller, door, inner }
}

test('a caller that takes nothing of the end of an answer is cut by setting', async () => {
  await using api = await rawUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port, { timeouts: { callerStalledMs: 100 } })
  const { caller } = await waitingEnd(proxy, api, GET)
  await expect.poll(() => proxy.running.openExchanges, STALLED).toBe(0)
  caller.destroy()
})

test('a request behind an answer whose end had to wait has all the time that it needs', async () => {
  await using api = await rawUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port, { timeouts: { callerStalledMs: 3_600_000 } })
  const { caller, door, inner } = await waitingEnd(proxy, api, `${GET}${GET.replace('/', '/next')}`)
  await expect.poll(() => door.timeout, STALLED).toBe(3_600_000)
  caller.resume()
  await readUntil(inner, 'GET /next')
  expect(door.timeout).toBe(0)
  caller.destroy()
})

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}

/** Whether what there is a count of stays: a system takes more, once its buffers have grown. */
async function staysTheSame(count: () => number | undefined): Promise<boolean> {
  const isSame = standsStill(count)
  await expect.poll(() => isSame() || count() === 0, STALLED).toBe(true)
  return count() !== 0
}
