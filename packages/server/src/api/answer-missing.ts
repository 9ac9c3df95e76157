import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, ApiRequest } from './api-context.ts'
import { problemAnswer } from './problem.ts'

/** The answer where no route is: 405 with `Allow` if another method has one there, else 404. */
export function answerMissing(app: OpenAPIHono<ApiEnv>, c: ApiRequest): Response {
  const methods = METHODS.filter((method) => isRoute(app, method, c.req.path))
  if (methods.length === 0) {
    const isPortal = c.var.door.kind === 'portal'
    const detail = `No such path.${isPortal ? '' : ' The document at /v1/openapi.json names them all.'}`
    return problemAnswer(c, { code: 'not_found', facts: { detail } })
  }
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods
  const detail = `Here is ${allow.join(', ')} alone.`
  const answer = problemAnswer(c, { code: 'method_not_allowed', facts: { detail } })
  answer.headers.set('Allow', allow.join(', '))
  return answer
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Gates are for all methods, routes for one. */
function isRoute(app: OpenAPIHono<ApiEnv>, method: string, path: string): boolean {
  const [matched] = app.router.match(method, path)
  return matched.some(([[, route]]) => route.method === method)
}
