/** `--workers`: several threads judge by one copy of the tokens, and nobody can tell them from one. */
import { once } from 'node:events'
import { hash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/fence/clock.ts'
import { CopyAge } from '../src/fence/copy-age.ts'
import { packedFence } from '../src/fence/packed/packed-fence.ts'
import { LoopLateness } from '../src/node/loop-lateness.ts'
import { type RunningNode, startNode } from '../src/node/start-node.ts'
import { startWorkers, type Workers } from '../src/node/workers/start-workers.ts'
import { nodeConfig } from './node-config.ts'
import {
  MANAGEMENT_KEY,
  manage,
  type RunningKeyfence,
  send,
  startKeyfence,
} from './running-keyfence.ts'

const WORKERS = 3
/** Each on a connection of its own: the chance that one worker gets none is below 1 in 10 million. */
const ASKED = 40
const draft = { name: 'shop', owner: 'acme' }

let keyfence: RunningKeyfence

beforeAll(async () => {
  keyfence = await startKeyfence({ flags: [`--workers=${WORKERS}`] })
})
afterAll(() => keyfence.close())

const create = async (more: object = {}) =>
  (await manage(keyfence, 'POST /v1/tokens', { ...draft, ...more })).body

const statusesOf = (url: string, token: string): Promise<number[]> =>
  Promise.all(
    Array.from(
      { length: ASKED },
      async () => (await send(url, { headers: { 'x-api-key': token } })).status,
    ),
  )

const all = (status: number): number[] => Array.from({ length: ASKED }, () => status)

const asked = (token: string): Promise<number[]> => statusesOf(keyfence.url, token)

/** The sum of a counter over the lines whose labels have it. */
async function decisions(labels: string): Promise<number> {
  const { text } = await metrics()
  const lines = text.split('\n').filter((line) => line.startsWith('keyfence_decisions_total{'))
  const counted = lines.filter((line) => line.includes(labels))
  return counted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

const metrics = async () => ({ text: (await send(`${keyfence.managementUrl}/metrics`)).body })

describe('all workers', () => {
  test('know a token before its creation is answered, and no longer once its revocation is', async () => {
    const { id, secret } = await create()
    expect(await asked(secret)).toEqual(all(200))
    await manage(keyfence, `POST /v1/tokens/${id}/revoke`)
    expect(await asked(secret)).toEqual(all(401))
  })

  test('refuse what was never a token', async () => {
    expect(await asked('unknown')).toEqual(all(401))
  })

  test('follow the copy when it moves to other memory', async () => {
    const first = await create()
    for (let batch = 0; batch < 4; batch++) {
      const tokens = Array.from({ length: 500 }, (_, at) => ({
        ...draft,
        hash: hash('sha256', `key-${batch}-${at}`),
      }))
      expect((await manage(keyfence, 'POST /v1/tokens/import', { tokens })).status).toBe(201)
      expect(await asked(`key-${batch}-499`)).toEqual(all(200))
    }
    await manage(keyfence, `POST /v1/tokens/${first.id}/disable`)
    expect(await asked(first.secret)).toEqual(all(401))
  })

  test('are counted together, to the last request', async () => {
    const { secret } = await create({
      restrictions: {
        domains: { enabled: false, entries: [] },
        ips: { enabled: true, entries: [{ value: '8.8.8.8' }] },
      },
    })
    const before = await decisions('reason="ip_not_listed"')
    expect(await asked(secret)).toEqual(all(403))
    expect(await decisions('reason="ip_not_listed"')).toBe(before + ASKED)
  })

  test('record their refusals, each to be found by its request id at once', async () => {
    const refused = await send(keyfence.url, { headers: { 'x-api-key': 'unknown' } })
    const id = refused.headers['keyfence-request-id']
    const found = await manage(keyfence, `GET /v1/refusals/${String(id)}`)
    expect(found.body).toMatchObject({ reason: 'token_unknown' })
  })
})

test('an address that another program has is refused, and not shared with it', async () => {
  const listenPort = Number(new URL(keyfence.url).port)
  const second = startKeyfence({ flags: [`--workers=${WORKERS}`], listenPort })
  await expect(second).rejects.toThrow('is in use already')
})

test('SIGTERM ends them all: what is in progress is finished, and the exit code is 0', async () => {
  const other = await startKeyfence({ flags: [`--workers=${WORKERS}`] })
  const { secret } = (await manage(other, 'POST /v1/tokens', draft)).body
  expect(await statusesOf(other.url, secret)).toEqual(all(200))
  expect(await other.stop('SIGTERM')).toBe(0)
  expect(other.log()).toBe('')
  await other.close()
})

describe('beside a thread that measures nothing', () => {
  const lateness = new LoopLateness(1 + WORKERS)
  let folder: string
  let workers: Workers

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyfence-workers-'))
    const config = nodeConfig(folder, { upstream: 'http://127.0.0.1:9' })
    const fence = packedFence()
    workers = await startWorkers({
      count: WORKERS,
      listen: { host: '127.0.0.1', port: 0 },
      log: pino({ level: 'silent' }),
      host: {
        config,
        memory: () => fence.memory,
        age: new CopyAge().memory,
        lateness,
        record: async () => {},
        counted: () => {},
      },
    })
  })
  afterEach(async () => {
    await workers.close({ drainMs: 0 })
    rmSync(folder, { recursive: true, force: true })
  })

  test('each says when its next turn is due, and nothing any more once it has ended', async () => {
    // A minute from now they would be late by as much, if they had no turn until then.
    const wouldBeLate = () => lateness.isLate(systemClock.monotonicMs() + 60_000)
    expect(wouldBeLate()).toBe(true)
    for (let number = 1; number < WORKERS; number++) lateness.forget(number)
    // The last one's, and what the others say again.
    expect(wouldBeLate()).toBe(true)
    await workers.close({ drainMs: 0 })
    expect(wouldBeLate()).toBe(false)
  })
})

describe('in this process', () => {
  let node: RunningNode
  let folder: string
  let upstream: Server
  const threads: Worker[] = []
  const logged: string[] = []
  const noteThread = (thread: Worker): void => void threads.push(thread)

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyfence-workers-'))
    upstream = createServer((_request, response) => response.write('begun'))
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo // it listens on TCP
    process.on('worker', noteThread)
    node = await startNode({
      config: nodeConfig(folder, { upstream: `http://127.0.0.1:${port}`, workers: '2' }),
      clock: systemClock,
      random: randomBytes,
      log: pino({ level: 'fatal' }, { write: (line) => void logged.push(line) }),
      version: '0',
    })
  })
  afterEach(async () => {
    process.off('worker', noteThread)
    await node.close()
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
    rmSync(folder, { recursive: true, force: true })
    threads.length = 0
    logged.length = 0
  })

  const managed = async (path: string, body?: object) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const answer = await send(`http://127.0.0.1:${node.adminPort}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return JSON.parse(answer.body)
  }

  const openStream = async (token: string): Promise<Socket> => {
    const socket = connect(node.dataAddress?.port ?? 0, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET / HTTP/1.1\r\nHost: a.example\r\nX-API-Key: ${token}\r\n\r\n`)
    const [octets] = await once(socket, 'data')
    expect(String(octets)).toMatch(/^HTTP\/1\.1 200 /)
    return socket
  }

  test('streams are cut in every worker when their token is revoked, and no others', async () => {
    const revoked = await managed('/v1/tokens', draft)
    const lasting = await managed('/v1/tokens', draft)
    const open = await Promise.all(Array.from({ length: 12 }, () => openStream(revoked.secret)))
    const other = await openStream(lasting.secret)
    const cut = Promise.all(open.map((socket) => once(socket, 'close')))
    await managed(`/v1/tokens/${revoked.id}/revoke`)
    await cut
    expect(other.closed).toBe(false)
    other.destroy()
  })

  test('one that ends is told of and replaced, and meanwhile the others answer', async () => {
    const before = threads.length
    const worker = threads.at(-1)
    await worker?.terminate()
    const { port = 0 } = node.dataAddress ?? {}
    const statuses = await statusesOf(`http://127.0.0.1:${port}/`, 'unknown')
    expect(statuses).toEqual(all(401))
    expect(logged.join()).toContain('a worker ended')
    await expect.poll(() => threads.length, { timeout: 10_000 }).toBe(before + 1)
  })
})
