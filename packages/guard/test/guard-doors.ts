import { getRequestListener, serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyfence as expressGuard } from '../src/express/index.ts'
import { keyfence as fastifyGuard } from '../src/fastify/index.ts'
import { guarded as guardedFetch } from '../src/fetch/index.ts'
import { keyfence as honoGuard, type KeyfenceEnv } from '../src/hono/index.ts'
import type { AllowedCall, Guard } from '../src/index.ts'
import { keyfence as nestGuard, keyfenceCall } from '../src/nest/index.ts'
import { withGuard } from '../src/next/index.ts'
import { guarded } from '../src/node/index.ts'

/** Every door of the guard, each an application of its framework on a real socket. */
export const GUARD_DOORS = ['node', 'express', 'nest', 'fastify', 'hono', 'fetch', 'next'] as const

export type GuardDoor = (typeof GUARD_DOORS)[number]

/** An application that listens. */
export interface RunningDoor {
  readonly port: number
  close(): Promise<void>
}

/** Starts an application that says who calls it, and nothing else, as the check endpoint does. */
export function startGuardDoor(door: GuardDoor, guard: Guard): Promise<RunningDoor> {
  return STARTS[door](guard)
}

const STARTS: Record<GuardDoor, (guard: Guard) => Promise<RunningDoor>> = {
  node: (guard) => listen(guarded(guard, (_request, response, call) => tell(response, call))),
  express: (guard) => {
    const app = express().disable('x-powered-by').use(expressGuard(guard))
    app.use((request, response) => tell(response, request.keyfence))
    return listen(app)
  },
  nest: (guard) => {
    // Nest hands functional middleware to Express as it is.
    const app = express().disable('x-powered-by').use(nestGuard(guard))
    app.use((request, response) => tell(response, keyfenceCall(request)))
    return listen(app)
  },
  fastify: startFastify,
  hono: startHono,
  fetch: (guard) => {
    const handler = guardedFetch(guard, tellFetched, { peer: (_request, address) => address })
    return listen(
      getRequestListener((request, { incoming }) => handler(request, addressOf(incoming))),
    )
  },
  next: (guard) => {
    const peers = new WeakMap<Request, string | undefined>()
    const peer = (request: Request): string | undefined => peers.get(request)
    const handler = withGuard(guard, (_request: Request, call) => told(call), { peer })
    return listen(
      getRequestListener((request, { incoming }) => {
        peers.set(request, addressOf(incoming))
        return handler(request, { params: Promise.resolve({}) })
      }),
    )
  },
}

function tellFetched(
  _request: Request,
  call: AllowedCall | undefined,
  _address: string | undefined,
): Response {
  return told(call)
}

function addressOf({
  socket,
}: {
  readonly socket: { readonly remoteAddress?: string | undefined }
}) {
  return socket.remoteAddress
}

async function startFastify(guard: Guard): Promise<RunningDoor> {
  const app = fastify()
  await app.register(fastifyGuard, { guard })
  app.get('/orders', (request, reply) => {
    for (const [name, value] of fieldsOf(request.keyfence)) reply.header(name, value)
    return reply.send()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: portOf(app.server), close: () => app.close() }
}

async function startHono(guard: Guard): Promise<RunningDoor> {
  const app = new Hono<KeyfenceEnv>()
  app.use('*', honoGuard(guard))
  app.get('/orders', (c) => told(c.get('keyfence')))
  const server = await new Promise<Server>((resolve) => {
    const started = serve(
      { fetch: app.fetch, hostname: '127.0.0.1', port: 0 },
      () => resolve(started as Server), // no HTTP/2 is asked for
    )
  })
  return { port: portOf(server), close: () => closed(server) }
}

async function listen(listener: RequestListener): Promise<RunningDoor> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { port: portOf(server), close: () => closed(server) }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // it listens on a port
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function fieldsOf(call: AllowedCall | undefined): readonly (readonly [string, string])[] {
  return [...(call?.identityFields ?? []), ['Cache-Control', 'no-store']]
}

function tell(response: ServerResponse, call: AllowedCall | undefined): void {
  for (const [name, value] of fieldsOf(call)) response.setHeader(name, value)
  response.end()
}

function told(call: AllowedCall | undefined): Response {
  const headers = new Headers()
  for (const [name, value] of fieldsOf(call)) headers.set(name, value)
  headers.set('Content-Length', '0')
  return new Response(null, { headers })
}
