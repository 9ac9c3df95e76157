import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { listen, proxyBefore, TOKEN } from './proxy-fixture.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2
const CHUNK = Buffer.alloc(256 * 1024, 'x')

/** One GiB, the same octets over and over. */
function gib(): Readable {
  let left = GIB
  return new Readable({
    read() {
      if (left === 0) this.push(null)
      else this.push(CHUNK)
      left = Math.max(left - CHUNK.length, 0)
    },
  })
}

/** Counts a stream's octets and watches how far the process grows once it is warm. */
async function measure(stream: Readable): Promise<{ octets: number; growth: number }> {
  let octets = 0
  let warm: number | undefined
  let peak = 0
  let sampleAt = 64 * MIB
  stream.on('data', (chunk: Buffer) => {
    octets += chunk.length
    if (octets < sampleAt) return
    sampleAt = octets + 8 * MIB
    peak = Math.max(peak, process.memoryUsage.rss())
    warm ??= peak
  })
  await finished(stream)
  return { octets, growth: peak - (warm ?? 0) }
}

/** Serves every request with `respond` behind a proxy, and sends one to it. */
async function through(
  respond: (request: IncomingMessage, response: ServerResponse) => void,
  send: (port: number) => Promise<IncomingMessage>,
): Promise<{ octets: number; growth: number }> {
  const server = createServer(respond)
  await using proxy = await proxyBefore(await listen(server))
  const measured = await measure(await send(proxy.port))
  server.close()
  return measured
}

async function transfer(port: number, method: string, body: Readable): Promise<IncomingMessage> {
  const outgoing = request({ port, method, headers: { 'X-API-Key': TOKEN } })
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
  await pipeline(body, outgoing)
  return answer
}

test('1 GiB down takes no more memory than its buffers', async () => {
  const { octets, growth } = await through(
    (_request, response) => void pipeline(gib(), response),
    async (port) => transfer(port, 'GET', Readable.from([])),
  )
  expect(octets).toBe(GIB)
  expect(growth).toBeLessThan(150 * MIB)
})

test('1 GiB up takes no more memory than its buffers', async () => {
  let arriving: ReturnType<typeof measure> | undefined
  const { octets } = await through(
    (incoming, response) => {
      arriving = measure(incoming)
      void arriving.then((measured) => response.end(String(measured.octets)))
    },
    async (port) => transfer(port, 'POST', gib()),
  )
  expect(octets).toBe(String(GIB).length)
  const measured = await arriving
  expect(measured?.octets).toBe(GIB)
  expect(measured?.growth).toBeLessThan(150 * MIB)
})
