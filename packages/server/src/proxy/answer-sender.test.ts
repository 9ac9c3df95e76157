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
  { bytes: 8_193, verdict: 'held', because: 'little waits, and more may be read' },
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

test('short octets that a caller does not take are needed no more, until too many wait', async () => {
  const { response, caller, sender, close } = await open()
  response.writeHead(200, { 'Content-Length': LENGTH })
  const part = Buffer.alloc(8_192)
  let last = 'free'
  let parts = 0
  while (last === 'free') {
    sender.add(part.fill(parts++))
    last = sender.flush()
    // Read over, as the next octets do.
    part.fill('x')
  }
  expect([last, response.writableLength]).toEqual(['full', expect.any(Number)])
  expect(response.writableLength).toBeLessThan(100_000)
  const answer = readAll(caller)
  while (parts < LENGTH / 8_192) sender.add(Buffer.alloc(8_192, parts++))
  sender.end([])
  const octets = Buffer.from(await answer, 'latin1')
  const body = octets.subarray(octets.indexOf('\r\n\r\n') + 4)
  expect(body.length).toBe(LENGTH)
  expect(body.findIndex((octet, at) => octet !== ((at >> 13) & 255))).toBe(-1)
  close()
})

const LENGTH = 64 * 1024 * 1024

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
