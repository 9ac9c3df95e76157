/**
 * An application of a framework that answers `ok`. Parameters: the framework, and `guarded` for one
 * behind a guard that follows a node of its own in this process, or `plain`.
 */
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyfence as expressGuard } from '../../packages/guard/src/express/index.ts'
import { keyfence as fastifyGuard } from '../../packages/guard/src/fastify/index.ts'
import { keyfence as honoGuard, type KeyfenceEnv } from '../../packages/guard/src/hono/index.ts'
import type { Guard } from '../../packages/guard/src/index.ts'
import { announce } from './announce.ts'
import { startBenchmarkNode } from './benchmark-node.ts'
import { guardOf } from './guard-of.ts'

const HOST = '127.0.0.1'

const STARTS: Readonly<Record<string, (guard: Guard | undefined) => Promise<Server>>> = {
  express: async (guard) => {
    const app = express()
    if (guard !== undefined) app.use(expressGuard(guard))
    app.get('/v1/orders', (_request, response) => {
      response.send('ok')
    })
    return listening(app.listen(0, HOST))
  },
  fastify: async (guard) => {
    const app = fastify()
    if (guard !== undefined) await app.register(fastifyGuard, { guard })
    app.get('/v1/orders', (_request, reply) => reply.send('ok'))
    await app.listen({ host: HOST, port: 0 })
    return app.server
  },
  hono: async (guard) => {
    const app = new Hono<KeyfenceEnv>()
    if (guard !== undefined) app.use('*', honoGuard(guard))
    app.get('/v1/orders', (c) => c.text('ok'))
    // `as`: no HTTP/2 is asked for.
    return listening(serve({ fetch: app.fetch, hostname: HOST, port: 0 }) as Server)
  },
}

const [, , framework = '', kind = ''] = process.argv
const guard = kind === 'guarded' ? await guardOf(await startBenchmarkNode({})) : undefined
const server = await STARTS[framework]?.(guard)
if (server === undefined) throw new RangeError(`no framework is called ${framework}`)
announce((server.address() as AddressInfo).port) // it listens on TCP

async function listening(started: Server): Promise<Server> {
  if (!started.listening) await new Promise((resolve) => started.once('listening', resolve))
  return started
}
