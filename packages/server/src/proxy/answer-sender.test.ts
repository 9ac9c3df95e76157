import { createServer, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { AnswerSender } from './answer-sender.ts'
import { dial, listen, readAll } from './proxy-fixture.ts'

/** A response to a caller that reads nothing until it is told to. */
async function open() {
  const server = createServer()
  const responded = new Promise<ServerResponse>((resolve) => {
    server.on('request', (_request, response) => resolve(response))
  })
  const port = await listen(server)
  const caller = await dial(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  caller.pause()
  const response = await responded
  return { response, caller, sender: new AnswerSender(response), close: () => server.close() }
}

test.each<{ bytes: number; verdict: string; because: string }>([
  { bytes: 1_000, verdict: 'held', because: 'little waits, and more may be read' },
  { bytes: 65_536, verdict: 'full', because: 'as much waits as may' },
])('octets that a caller does not take are $verdict: $because', async ({ bytes, verdict }) => {
  const { response, caller, sender, close } = await open()
  response.writeHead(200)
  const part = Buffer.alloc(bytes, 'x')
  let last = 'free'
  let sent = 0
  for (; last === 'free' && sent < 64 * 1024 * 1024; sent += bytes) {
    sender.add(part)
    last = sender.flush()
    if (last === 'free') expect(response.writableLength).toBe(0)
  }
  expect(last).toBe(verdict)
  sender.end([])
  expect((await readAll(caller)).length).toBeGreaterThan(sent)
  close()
})

test.each<{ parts: string[]; flushes: boolean; body: string }>([
  { parts: [], flushes: false, body: '0\r\n\r\n' },
  { parts: [], flushes: true, body: '0\r\n\r\n' },
  { parts: ['one'], flushes: false, body: '3\r\none\r\n0\r\n\r\n' },
  { parts: ['one'], flushes: true, body: '3\r\none\r\n0\r\n\r\n' },
  { parts: ['one', 'two!'], flushes: false, body: '3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n' },
  { parts: ['one', 'two!'], flushes: true, body: '3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n' },
])('$parts, flushed between: $flushes', async ({ parts, flushes, body }) => {
  const { response, caller, sender, close } = await open()
  response.writeHead(200)
  if (flushes) sender.flush()
  for (const part of parts) {
    sender.add(Buffer.from(part))
    if (flushes) expect(sender.flush()).toBe('free')
  }
  sender.end([])
  expect(sender.flush()).toBe('free')
  const text = await readAll(caller)
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(body)
  close()
})
