import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { closed, dial, listen, nextRequest } from './proxy-fixture.ts'
import { RequestBody } from './request-body.ts'

const LENGTH = 8 * 1024 * 1024
const HEAD = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${LENGTH}\r\n\r\n`

test('a body that nobody takes holds its caller back', async () => {
  const server = createServer()
  const caller = await dial(await listen(server), `${HEAD}${'x'.repeat(LENGTH)}`)
  const request = await nextRequest(server)
  const body = new RequestBody(request, () => undefined)
  body.read(0)
  await once(request, 'pause')
  expect(body.readableLength).toBeLessThan(LENGTH / 8)
  caller.destroy()
  server.close()
})

test('a body that is given up leaves the connection for the answer', async () => {
  const server = createServer()
  const caller = await dial(await listen(server), `${HEAD}begin`)
  const request = await nextRequest(server)
  const body = new RequestBody(request, () => undefined)
  body.destroy()
  await once(body, 'close')
  expect(request.destroyed).toBe(false)
  expect(request.socket.destroyed).toBe(false)
  caller.destroy()
  server.close()
})

test('a body that nobody took breaks nothing when its caller leaves', async () => {
  const server = createServer()
  const caller = await dial(await listen(server), HEAD)
  const begun = Promise.withResolvers<void>()
  const body = new RequestBody(await nextRequest(server), begun.resolve)
  caller.write('begin')
  await begun.promise
  const closing = new Promise((resolve) => {
    body.once('close', resolve)
  })
  caller.destroy()
  await closing
  expect(body.errored).toBeInstanceOf(Error)
  server.close()
})

test('a caller that leaves breaks its body off', async () => {
  const server = createServer()
  const caller = await dial(await listen(server), `${HEAD}begin`)
  const request = await nextRequest(server)
  const body = new RequestBody(request, () => undefined)
  body.resume()
  const failed = once(body, 'error')
  caller.destroy()
  expect(await failed).toHaveLength(1)
  await closed(caller)
  server.close()
})
