import { Counter, type Registry } from 'prom-client'
import type { ApiMiddleware } from '../api-context.ts'
import type { Door } from '../door.ts'

/** Counts answers by method and status; never by path, key or owner. */
export function requestMetrics(registry: Registry, door: Door['kind']): ApiMiddleware {
  const requests = new Counter({
    name: `keyfence_${door}_requests_total`,
    help: door === 'portal' ? 'Answers of the owner portal.' : 'Answers of the management API.',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  return async (c, next) => {
    await next()
    const method = METHODS.has(c.req.method) ? c.req.method : 'other'
    requests.inc({ method, status: String(c.res.status) })
  }
}

/** Callers make up methods; a label is for each that there is. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
