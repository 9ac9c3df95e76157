import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { MessageFilter } from './message-filter.ts'
import { startRelay, type TcpRelay } from './tcp-relay.ts'

describe('what is left out of what PostgreSQL sends', () => {
  const message = (type: string, body: string): Buffer => {
    const header = Buffer.alloc(5)
    header.write(type)
    header.writeUInt32BE(4 + body.length, 1)
    return Buffer.concat([header, Buffer.from(body)])
  }
  const row = message('D', 'A row, that begins as a notification does: A')
  const ready = message('Z', '')
  const notification = message('A', 'keyfence_changes')
  const stream = Buffer.concat([notification, row, notification, ready, notification])

  test.each([1, 2, 3, 5, 7, 64, 1000])('notifications alone, in portions of %i', (length) => {
    const filter = new MessageFilter()
    const passed: Buffer[] = []
    for (let at = 0; at < stream.length; at += length) {
      passed.push(filter.pass(stream.subarray(at, at + length), true))
    }
    expect(Buffer.concat(passed)).toEqual(Buffer.concat([row, ready]))
    expect(filter.lost).toBe(3)
  })

  test('nothing at all where it is not asked for, and nothing is kept back', () => {
    const filter = new MessageFilter()
    expect(filter.pass(stream.subarray(0, 3), false)).toEqual(stream.subarray(0, 3))
    expect(filter.pass(stream.subarray(3), false)).toEqual(stream.subarray(3))
    expect(filter.lost).toBe(0)
  })
})

describe('a relay', () => {
  let echo: EchoServer
  let relay: TcpRelay
  beforeEach(async () => {
    echo = await startEcho('')
    relay = await startRelay(echo.port)
  })
  afterEach(async () => {
    await relay.close()
    echo.close()
  })

  const said = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0])
  // Being reset is what many of them are there for.
  const connected = (): Socket => connect(relay.port, '127.0.0.1').on('error', () => {})
  const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

  test('gives on what is sent, both ways, and ends where an end comes', async () => {
    const socket = connected()
    socket.write('there and back')
    expect(await said(socket)).toBe('there and back')
    socket.end('last')
    expect(await text(socket)).toBe('last')
    await expect.poll(() => relay.connections).toBe(0)
  })

  test('carries more than it holds', async () => {
    const socket = connected()
    socket.end(Buffer.alloc(5_000_000, 'x'))
    expect((await text(socket)).length).toBe(5_000_000)
  })

  test('cuts what is open and takes what is new', async () => {
    const socket = connected()
    socket.write('x')
    await said(socket)
    const ended = closed(socket)
    relay.cut()
    await ended
    const next = connected()
    next.write('again')
    expect(await said(next)).toBe('again')
  })

  test('refuses until it carries again', async () => {
    relay.become({ kind: 'refuse' })
    const refused = connected()
    await closed(refused)
    relay.become({ kind: 'carry' })
    const next = connected()
    next.write('again')
    expect(await said(next)).toBe('again')
  })

  test('keeps what comes while it is frozen, and loses none of it', async () => {
    const socket = connected()
    socket.write('before ')
    await said(socket)
    relay.become({ kind: 'freeze' })
    socket.write('meanwhile')
    await echo.quiet()
    expect(echo.received()).toBe('before ')
    relay.become({ kind: 'carry' })
    expect(await said(socket)).toBe('meanwhile')
  })

  test('swallows what is sent, and resets then what lost something', async () => {
    const socket = connected()
    socket.write('before ')
    await said(socket)
    relay.become({ kind: 'swallow' })
    socket.write('lost')
    await echo.quiet()
    const ended = closed(socket)
    relay.become({ kind: 'carry' })
    await ended
    expect(echo.received()).toBe('before ')
  })

  test('delays answers, and not what is asked', async () => {
    relay.become({ kind: 'delay_answers', delayMs: 200 })
    const began = performance.now()
    const socket = connected()
    socket.write('x')
    await once(echo.server, 'asked')
    const askedMs = performance.now() - began
    await said(socket)
    expect(performance.now() - began).toBeGreaterThanOrEqual(200)
    expect(askedMs).toBeLessThan(performance.now() - began)
  })

  test('goes to another port when it is switched', async () => {
    const other = await startEcho('other: ')
    const socket = connected()
    socket.write('x')
    await said(socket)
    const ended = closed(socket)
    relay.switchTo(other.port)
    await ended
    const next = connected()
    next.write('x')
    expect(await said(next)).toBe('other: x')
    next.destroy()
    other.close()
  })

  test('whose target is away resets what comes', async () => {
    const away = await startEcho('')
    away.close()
    relay.switchTo(away.port)
    await closed(connected())
  })

  test('leaves no connection open when it is closed, a frozen one neither', async () => {
    const socket = connected()
    socket.write('x')
    await said(socket)
    relay.become({ kind: 'freeze' })
    const ended = closed(socket)
    await relay.close()
    await ended
    expect(relay.connections).toBe(0)
    relay = await startRelay(echo.port)
  })
})

describe('a relay before PostgreSQL', () => {
  let server: RunningPostgres
  let relay: TcpRelay
  beforeAll(async () => {
    server = await startPostgres()
    relay = await startRelay(server.port)
  })
  afterAll(async () => {
    await relay.close()
    await server.close()
  })

  test('loses notifications, and no answer', async () => {
    const url = await server.createDatabase()
    const through = url.replace(`:${server.port}/`, `:${relay.port}/`)
    const client = new Client({ connectionString: through })
    const heard: string[] = []
    client.on('notification', ({ payload }) => heard.push(payload ?? ''))
    await client.connect()
    await client.query('listen changes')
    await client.query(`notify changes, 'first'`)
    relay.become({ kind: 'lose_notifications' })
    await client.query(`notify changes, 'lost'`)
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    relay.become({ kind: 'carry' })
    await client.query(`notify changes, 'last'`)
    await client.end()
    expect(heard).toEqual(['first', 'last'])
    expect(relay.notificationsLost).toBe(1)
  })
})

interface EchoServer {
  readonly port: number
  /** Tells `asked` of each portion. */
  readonly server: Server
  /** Everything that has come, on all connections. */
  received(): string
  /** Resolves after a connection past the relay was answered: what was on its way is here by then. */
  quiet(): Promise<void>
  close(): void
}

async function startEcho(prefix: string): Promise<EchoServer> {
  const sockets = new Set<Socket>()
  let received = ''
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (octets) => {
      if (String(octets) !== PROBE) received += String(octets)
      server.emit('asked')
      socket.write(`${prefix}${String(octets)}`)
    })
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    port,
    server,
    received: () => received,
    quiet: async () => {
      const socket = connect(port, '127.0.0.1')
      socket.end(PROBE)
      await text(socket)
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const PROBE = 'past the relay'
