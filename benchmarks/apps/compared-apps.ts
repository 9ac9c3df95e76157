import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { keyfence as expressGuard } from '../../packages/guard/src/express/index.ts'
import { keyfence as fastifyGuard } from '../../packages/guard/src/fastify/index.ts'
import { keyfence as honoGuard, type KeyfenceEnv } from '../../packages/guard/src/hono/index.ts'
import type { Guard } from '../../packages/guard/src/index.ts'
import { guarded } from '../../packages/guard/src/node/index.ts'

/** An application as a server calls it. What it returns is to be waited for. */
export type App = (request: IncomingMessage, response: ServerResponse) => unknown

/** One application in three forms, whose difference is what is measured. */
export interface ComparedApps {
  readonly plain: App
  /** With a middleware that does nothing: what the framework takes for having one. */
  readonly idle: App
  readonly guarded: App
}

/** What all of them answer to. */
export const APP_TARGET = '/v1/orders'

/** The application of each framework that answers `ok`, made. */
export const COMPARED_APPS: Readonly<Record<string, (guard: Guard) => Promise<ComparedApps>>> = {
  'node:http': async (guard) => {
    const idle: App = (request, response) => answerOk(request, response)
    return { plain: answerOk, idle, guarded: guarded(guard, answerOk) }
  },
  express: async (guard) => ({
    plain: expressApp(),
    idle: expressApp((_request, _response, next) => next()),
    guarded: expressApp(expressGuard(guard)),
  }),
  fastify: async (guard) => ({
    plain: await fastifyApp(),
    idle: await fastifyApp(async (app) => {
      app.addHook('onRequest', async () => {})
    }),
    guarded: await fastifyApp(async (app) => {
      await app.register(fastifyGuard, { guard })
    }),
  }),
  hono: async (guard) => ({
    plain: honoApp(),
    idle: honoApp((app) => app.use('*', (_c, next) => next())),
    guarded: honoApp((app) => app.use('*', honoGuard(guard))),
  }),
}

function answerOk(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/plain')
  response.end('ok')
}

function expressApp(middleware?: ReturnType<typeof expressGuard>): App {
  const app = express()
  if (middleware !== undefined) app.use(middleware)
  app.get(APP_TARGET, (_request, response) => {
    response.send('ok')
  })
  return app
}

type FastifyApp = ReturnType<typeof fastify>

async function fastifyApp(add?: (app: FastifyApp) => Promise<void>): Promise<App> {
  const app = fastify()
  await add?.(app)
  app.get(APP_TARGET, (_request, reply) => reply.send('ok'))
  await app.ready()
  return (request, response) => app.routing(request, response)
}

function honoApp(add?: (app: Hono<KeyfenceEnv>) => void): App {
  const app = new Hono<KeyfenceEnv>()
  add?.(app)
  app.get(APP_TARGET, (c) => c.text('ok'))
  return getRequestListener(app.fetch)
}
