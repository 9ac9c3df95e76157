import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import {
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CheckProfileName } from '../../src/config/config.ts'
import { listen, seenOf, type Seen } from '../../src/proxy/proxy-fixture.ts'
import { type DoorsOptions, type RunningDoors, startDoors } from '../running-doors.ts'

/** The address of a caller that tokens for servers list, and of one that they do not. */
export const LISTED = '127.0.0.9'
export const UNLISTED = '127.0.0.10'

/** What stands around an example: a way to Keyfence, an API, a certificate. */
export interface ExampleSurroundings {
  readonly api: ExampleApi
  readonly keyfence: KeyfenceLink
  /** A folder for the proxy, with `cert.pem`, `key.pem` and both in `both.pem`. */
  readonly folder: string
  close(): Promise<void>
}

/** The same with Keyfence itself. */
export interface ExampleWorld extends ExampleSurroundings {
  readonly doors: RunningDoors
}

/** Starts all of it for the profile that the example uses. */
export async function startWorld(
  profile: CheckProfileName,
  options: Partial<DoorsOptions> = {},
): Promise<ExampleWorld> {
  const servers = [LISTED]
  const doors = await startDoors({ profile, trustedProxies: '127.0.0.1', servers, ...options })
  const surroundings = await startSurroundings(doors.check.port)
  return {
    ...surroundings,
    doors,
    close: async () => {
      await surroundings.close()
      await doors.close()
    },
  }
}

/** Starts what stands around an example, with a way to the Keyfence at that port. */
export async function startSurroundings(keyfencePort: number): Promise<ExampleSurroundings> {
  const api = await startApi()
  const keyfence = await startLink(keyfencePort)
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-example-'))
  makeCertificate(folder)
  return {
    api,
    keyfence,
    folder,
    close: async () => {
      await keyfence.end()
      api.server.closeAllConnections()
      await closeServer(api.server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function makeCertificate(folder: string): void {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=api.example', '-addext', 'subjectAltName=DNS:api.example']
  const files = ['-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', ...kind, ...name, ...files], { stdio: 'ignore' })
  writeFileSync(join(folder, 'both.pem'), readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'))
}

/** The API behind the proxy. */
export interface ExampleApi {
  readonly server: Server
  readonly port: number
  /** Requests that reached it, without their bodies. */
  readonly seen: Seen[]
  /** Octets of the last body. */
  bodyBytes: number
}

/** A path that it answers in its own way. */
export const OWN_CORS = '/own-cors'
export const OWN_401 = '/own-401'
export const OWN_500 = '/own-500'

async function startApi(): Promise<ExampleApi> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    seen.push(seenOf(request, ''))
    let bytes = 0
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => {
      api.bodyBytes = bytes
      if (request.url === OWN_CORS) response.setHeader('Access-Control-Allow-Origin', '*')
      if (request.url === OWN_401) response.statusCode = 401
      if (request.url === OWN_500) response.statusCode = 500
      response.end('from the API')
    })
  })
  server.on('upgrade', (request, socket) => {
    seen.push(seenOf(request, ''))
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const upgrade =
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    socket.write(
      `${upgrade}Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
  const api = { server, port: await listen(server), seen, bodyBytes: 0 }
  return api
}

/** The way to Keyfence, which a test may cut or clog. */
export interface KeyfenceLink {
  readonly port: number
  /** Nothing listens any more. */
  end(): Promise<void>
  /** Listens again, on the same port. */
  resume(): Promise<void>
  /** Connections are taken, and nothing is answered. */
  clog(): void
  /** In place of Keyfence, these octets answer whatever is asked; the connection ends with them. */
  say(octets: string): void
}

async function startLink(keyfencePort: number): Promise<KeyfenceLink> {
  const open = new Set<Socket>()
  let now: 'passing' | 'clogged' | { readonly saying: string } = 'passing'
  const server = createNetServer((caller) => {
    open.add(caller)
    caller.on('close', () => open.delete(caller))
    caller.on('error', () => caller.destroy())
    if (now === 'clogged') {
      caller.resume()
      return
    }
    if (now !== 'passing') {
      const { saying } = now
      caller.once('data', () => caller.end(saying, 'latin1'))
      return
    }
    const keyfence = connect({ port: keyfencePort, host: '127.0.0.1' })
    keyfence.on('error', () => caller.destroy())
    keyfence.on('close', () => caller.destroy())
    caller.on('close', () => keyfence.destroy())
    caller.pipe(keyfence).pipe(caller)
  })
  const port = await listen(server)
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    port,
    end: async () => {
      cut()
      await closeServer(server)
    },
    resume: async () => {
      now = 'passing'
      cut()
      if (!server.listening) {
        await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
      }
    },
    clog: () => {
      now = 'clogged'
      cut()
    },
    say: (octets) => {
      now = { saying: octets }
      cut()
    },
  }
}

async function closeServer(server: NetServer | Server): Promise<void> {
  if (!server.listening) return
  await new Promise<void>((resolve) => void server.close(() => resolve()))
}
