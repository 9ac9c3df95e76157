import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Answer } from '@keyfence/core'
import { describe, expect, test } from 'vitest'
import type { ReadRequest } from '../http1/request-reader.ts'
import {
  answeredOf,
  closed,
  dial,
  fieldsNamed,
  readAll,
  readUntil,
  STALLED,
  standsStill,
} from '../proxy/proxy-fixture.ts'
import { type AnsweringDoor, startAnsweringListener } from './answering-listener.ts'

const GET = 'GET / HTTP/1.1\r\n'
const LAST = `${GET}Connection: close\r\n\r\n`
const ALLOWED: Answer = { status: 200, headers: [], body: '' }

interface ListenerUnderTest extends AsyncDisposable {
  readonly port: number
  /** The targets that the door was asked about. */
  readonly asked: string[]
  readonly logged: unknown[]
  close(drainMs: number): Promise<void>
}

async function start(changes: Partial<AnsweringDoor> = {}): Promise<ListenerUnderTest> {
  const asked: string[] = []
  const logged: unknown[] = []
  const { answer = () => ALLOWED, ...others } = changes
  const listener = await startAnsweringListener(
    {
      timeouts: { headersMs: 5000, requestMs: 0, keepAliveMs: 5000 },
      limits: { connectionsMax: 100, headerBytesMax: 16_384 },
      log: { error: (fields) => void logged.push(fields) },
      answer: (request, peer) => {
        asked.push(request.target)
        return answer(request, peer)
      },
      ...others,
    },
    { host: '127.0.0.1', port: 0 },
  )
  const close = (drainMs: number): Promise<void> => listener.close({ drainMs })
  const { port } = listener.address
  return { port, asked, logged, close, [Symbol.asyncDispose]: () => close(0) }
}

function statusesIn(text: string): number[] {
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status]) => Number(status))
}

describe('what is no request is answered, its connection closed, and the door not asked', () => {
  test.each<{ octets: string; status: number; because: string }>([
    { octets: 'garbage\r\n\r\n', status: 400, because: 'garbage' },
    { octets: '\u0016\u0003\u0001\u0002', status: 400, because: 'TLS, at once' },
    { octets: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400, because: 'HTTP/2' },
    { octets: 'GET /\r\n\r\n', status: 400, because: 'HTTP/0.9' },
    { octets: `${GET}A: b\r\n c\r\n\r\n`, status: 400, because: 'a folded line' },
    { octets: `${GET}Content-Length: x\r\n\r\n`, status: 400, because: 'a length of letters' },
    {
      octets: `${GET}Content-Length: 2\r\nContent-Length: 2\r\n\r\n`,
      status: 400,
      because: 'two lengths',
    },
    { octets: `${GET}A: ${'x'.repeat(16_384)}`, status: 431, because: 'too long, before its end' },
    {
      octets: `GET /${'x'.repeat(16_384)} HTTP/1.1\r\n\r\n`,
      status: 431,
      because: 'a long target',
    },
    { octets: 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', status: 405, because: 'a tunnel' },
  ])('$status: $because', async ({ octets, status }) => {
    await using listener = await start()
    const text = await readAll(await dial(listener.port, `${octets}${LAST}`))
    expect(statusesIn(text)).toEqual([status])
    const answer = answeredOf(text)
    expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
    expect(fieldsNamed(answer, 'content-length')).toEqual([String(answer.body.length)])
    expect(listener.asked).toEqual([])
  })

  test('417: an expectation that nobody knows; the connection is kept', async () => {
    await using listener = await start()
    const caller = await dial(listener.port, `${GET}Expect: more\r\n\r\n${LAST}`)
    expect(statusesIn(await readAll(caller))).toEqual([417, 200])
    expect(listener.asked).toHaveLength(1)
  })

  test('an empty line behind the last request is none', async () => {
    await using listener = await start()
    const caller = await dial(listener.port, `${GET}\r\n\r\n`)
    caller.end()
    expect(statusesIn(await readAll(caller))).toEqual([200])
  })

  test('a head that its caller ends in the middle is 400', async () => {
    await using listener = await start()
    const caller = await dial(listener.port, `${GET}\r\n${GET}A: b`)
    caller.end()
    expect(statusesIn(await readAll(caller))).toEqual([200, 400])
  })
})

describe('octets behind a head', () => {
  test('are the next requests, answered in order, however many', async () => {
    await using listener = await start()
    const targets = Array.from({ length: 1000 }, (_, at) => `/${at}`)
    const octets = targets.map((target) => `GET ${target} HTTP/1.1\r\n\r\n`).join('')
    const text = await readAll(await dial(listener.port, `${octets}${LAST}`))
    expect(statusesIn(text)).toEqual(Array.from({ length: 1001 }, () => 200))
    expect(listener.asked).toEqual([...targets, '/'])
  })

  test.each<{ head: string; because: string }>([
    { head: `POST / HTTP/1.1\r\nContent-Length: ${LAST.length}\r\n\r\n`, because: 'a body' },
    { head: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n', because: 'chunks' },
    { head: LAST, because: 'nothing that the caller may send' },
    { head: 'GET / HTTP/1.0\r\n\r\n', because: 'nothing that HTTP/1.0 may send' },
  ])('are no requests if they are $because', async ({ head }) => {
    await using listener = await start()
    const text = await readAll(await dial(listener.port, `${head}${LAST}`))
    expect(statusesIn(text)).toEqual([200])
    expect(fieldsNamed(answeredOf(text), 'connection')).toEqual(['close'])
    expect(listener.asked).toHaveLength(1)
  })

  test('do not cost the caller its answer by a reset, even where nobody wants them', async () => {
    await using listener = await start()
    const body = 'x'.repeat(4_000_000)
    const head = `POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`
    const caller = await dial(listener.port, head + body)
    const failures: unknown[] = []
    caller.on('error', (error) => failures.push(error))
    expect(statusesIn(await readAll(caller))).toEqual([200])
    expect(failures).toEqual([])
  })

  test('are not read while the caller does not take its answers', async () => {
    const body = 'x'.repeat(1000)
    await using listener = await start({ answer: () => ({ ...ALLOWED, body }) })
    const count = 60_000
    const caller = await dial(listener.port, '')
    caller.pause()
    caller.write(`${GET}\r\n`.repeat(count) + LAST)
    await expect
      .poll(
        standsStill(() => listener.asked.length),
        STALLED,
      )
      .toBe(true)
    expect(listener.asked.length).toBeLessThan(count / 2)
    expect(statusesIn(await readAll(caller))).toHaveLength(count + 1)
  })
})

describe('HTTP/1.0', () => {
  test('is kept if it asks for it, and told so', async () => {
    await using listener = await start()
    const caller = await dial(listener.port, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    const answer = answeredOf(await readUntil(caller, '\r\n\r\n'))
    expect(fieldsNamed(answer, 'connection')).toEqual(['keep-alive'])
    expect(fieldsNamed(answer, 'keep-alive')).toEqual(['timeout=5'])
    caller.write('GET / HTTP/1.0\r\n\r\n')
    expect(statusesIn(await readAll(caller))).toEqual([200])
  })
})

describe('a caller whose time is up', () => {
  const within = (timeouts: Partial<AnsweringDoor['timeouts']>): Partial<AnsweringDoor> => ({
    timeouts: { headersMs: 0, requestMs: 0, keepAliveMs: 0, ...timeouts },
  })

  test.each<{ octets: string; timeouts: object; because: string }>([
    { octets: '', timeouts: { headersMs: 100 }, because: 'it never sends anything' },
    { octets: `${GET}A: b`, timeouts: { headersMs: 100 }, because: 'its head does not end' },
    { octets: '\r\n', timeouts: { headersMs: 100 }, because: 'empty lines are not a head' },
    { octets: GET, timeouts: { requestMs: 100 }, because: 'a head is the whole request' },
    {
      octets: GET,
      timeouts: { headersMs: 60_000, requestMs: 100 },
      because: 'the shorter limit counts',
    },
  ])('gets 408: $because', async ({ octets, timeouts }) => {
    await using listener = await start(within(timeouts))
    const text = await readAll(await dial(listener.port, octets))
    expect(statusesIn(text)).toEqual([408])
    expect(fieldsNamed(answeredOf(text), 'connection')).toEqual(['close'])
  })

  test('gets 408 behind an answer too, counted from the first octet of its next head', async () => {
    await using listener = await start(within({ headersMs: 100 }))
    const caller = await dial(listener.port, `${GET}\r\n${GET}`)
    expect(statusesIn(await readAll(caller))).toEqual([200, 408])
  })

  test('is not kept waiting by a hundred others', async () => {
    await using listener = await start(within({ headersMs: 100 }))
    const callers = await Promise.all(Array.from({ length: 90 }, () => dial(listener.port, GET)))
    const texts = await Promise.all(callers.map(readAll))
    expect(texts.flatMap(statusesIn)).toEqual(callers.map(() => 408))
  })

  test('between two requests is closed without a word, and not before what it was told', async () => {
    await using listener = await start(within({ keepAliveMs: 100 }))
    const begun = performance.now()
    expect(statusesIn(await readAll(await dial(listener.port, `${GET}\r\n`)))).toEqual([200])
    expect(performance.now() - begun).toBeGreaterThan(100)
  })

  /** Takes the last place for good, and resolves once a sweep has made room again. */
  async function swept(listener: ListenerUnderTest): Promise<void> {
    const caller = await dial(listener.port, '')
    caller.allowHalfOpen = true
    caller.write(LAST)
    await once(caller.resume(), 'end')
    const another = async (): Promise<number[]> =>
      statusesIn(await readAll(await dial(listener.port, LAST)))
    expect(await another()).toEqual([])
    await expect.poll(another, { timeout: 20_000 }).toEqual([200])
    expect(caller.closed).toBe(false)
    caller.destroy()
  }

  test('who has been answered for good and does not go makes room', async () => {
    await using listener = await start({ limits: { connectionsMax: 1, headerBytesMax: 1000 } })
    await swept(listener)
  })

  test('without limits nobody is', async () => {
    const limits = { connectionsMax: 3, headerBytesMax: 1000 }
    await using listener = await start({ ...within({}), limits })
    const silent = await dial(listener.port, '')
    const idle = await dial(listener.port, `${GET}\r\n`)
    const answer = answeredOf(await readUntil(idle, '\r\n\r\n'))
    expect(fieldsNamed(answer, 'keep-alive')).toEqual([])
    await swept(listener)
    for (const caller of [silent, idle]) {
      caller.write(LAST)
      expect(statusesIn(await readAll(caller))).toEqual([200])
    }
  })
})

describe('a listener that closes', () => {
  async function answeredOnce(listener: ListenerUnderTest): Promise<Socket> {
    const caller = await dial(listener.port, `${GET}\r\n`)
    await readUntil(caller, '\r\n\r\n')
    return caller
  }

  test('ends who is idle at once, whether answered before or silent', async () => {
    const listener = await start()
    const callers = [await answeredOnce(listener), await dial(listener.port, '')]
    await listener.close(60_000)
    await Promise.all(callers.map(closed))
    await expect(dial(listener.port, '')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('lets a head arrive that has begun, and answers it as the last', async () => {
    const listener = await start()
    const caller = await answeredOnce(listener)
    caller.write(GET)
    const closing = listener.close(60_000)
    caller.write('\r\n')
    const answer = answeredOf(await readAll(caller))
    expect(answer.status).toBe(200)
    expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
    await closing
  })

  test('cuts a head that does not arrive in the time it has', async () => {
    const listener = await start()
    const caller = await answeredOnce(listener)
    caller.write(GET)
    await listener.close(100)
    expect(await readAll(caller)).toBe('')
  })

  test('answers what the system had received before', async () => {
    const listener = await start()
    const caller = await answeredOnce(listener)
    caller.write(`${GET}\r\n`)
    await listener.close(60_000)
    expect(statusesIn(await readAll(caller))).toEqual([200])
  })
})

describe('what goes wrong', () => {
  const broken = (request: ReadRequest): Answer => {
    if (request.target === '/throws') throw new Error('broken')
    const headers = request.target === '/forged' ? [['A', 'a\r\nB: c'] as const] : []
    return { ...ALLOWED, headers }
  }

  test.each<{ target: string; because: string }>([
    { target: '/throws', because: 'a door that throws' },
    { target: '/forged', because: 'an answer with a field that would be two' },
  ])('in the door is 503, and logged: $because', async ({ target }) => {
    await using listener = await start({ answer: broken })
    const caller = await dial(listener.port, `GET ${target} HTTP/1.1\r\n\r\n${LAST}`)
    const text = await readAll(caller)
    expect(statusesIn(text)).toEqual([503, 200])
    expect(text).not.toContain('B: c')
    expect(listener.logged).toHaveLength(1)
  })

  test('with a connection is the end of that one alone', async () => {
    await using listener = await start()
    for (const octets of ['', GET, `${GET}\r\n`.repeat(5000)]) {
      const caller = await dial(listener.port, octets)
      caller.resetAndDestroy()
      await closed(caller)
    }
    expect(statusesIn(await readAll(await dial(listener.port, LAST)))).toEqual([200])
    expect(listener.logged).toEqual([])
  })
})

test('the door is told the address of the caller', async () => {
  const peers: (string | undefined)[] = []
  await using listener = await start({
    answer: (_request, peer) => {
      peers.push(peer)
      return ALLOWED
    },
  })
  await readAll(await dial(listener.port, LAST))
  expect(peers).toEqual(['127.0.0.1'])
})

test('connections beyond the limit are dropped, and room is made again', async () => {
  await using listener = await start({ limits: { connectionsMax: 1, headerBytesMax: 1000 } })
  const first = await dial(listener.port, GET)
  expect(await readAll(await dial(listener.port, LAST))).toBe('')
  first.destroy()
  await expect
    .poll(async () => statusesIn(await readAll(await dial(listener.port, LAST))), {
      timeout: 20_000,
    })
    .toEqual([200])
})
