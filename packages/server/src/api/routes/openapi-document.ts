import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from '../api-context.ts'
import { requires } from '../gate/requires.ts'
import { answered, NO_QUERY, readProblems } from './route-parts.ts'

const documentRoute = createRoute({
  method: 'get',
  path: '/v1/openapi.json',
  operationId: 'openapi',
  summary: 'Read this document',
  tags: ['Health'],
  ...requires('read'),
  request: { query: NO_QUERY },
  responses: {
    200: answered('OpenAPI 3.1.', z.record(z.string(), z.unknown())),
    ...readProblems(),
  },
})

/** `GET /v1/openapi.json`: made from the routes, so it is added to the app after all of them. */
export function openapiDocumentOn(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'managementKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'A management key, `kfm_…`. What an operation needs is the scope named with it.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-keyfence-session',
    description:
      'A session of the console. Changes need its `csrfToken` and come from its page alone.',
  })
  app.openapi(documentRoute, (c) => c.json(openapiDocument(app, c.var.api.version), 200))
}

function openapiDocument(app: OpenAPIHono<ApiEnv>, version: string): Record<string, unknown> {
  return {
    ...app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'Keyfence management API', version, description: DESCRIPTION },
      servers: [{ url: '/' }],
    }),
  }
}

const DESCRIPTION =
  'Issues tokens and says where each may be used. Bodies are JSON in UTF-8; members and parameters that are not documented are refused. Times are RFC 3339. Problems are `application/problem+json` (RFC 9457) with a stable `code`.'
