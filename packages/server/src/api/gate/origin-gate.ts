import type { ApiMiddleware } from '../api-context.ts'
import { doorUrl, doorUrlSetting } from '../door-url.ts'
import { problemAnswer } from '../problem.ts'

/** Refuses changes that a page of another origin asks for. There are no CORS fields: none may read. */
export const originGate: ApiMiddleware = async (c, next) => {
  const origin = c.req.header('origin')
  const isForeign =
    (origin !== undefined && origin !== new URL(doorUrl(c)).origin) ||
    c.req.header('sec-fetch-site') === 'cross-site'
  if (SAFE_METHODS.has(c.req.method) || !isForeign) return next()
  return problemAnswer(c, {
    code: 'forbidden',
    facts: {
      detail: `Pages of other origins may change nothing here. Check ${doorUrlSetting(c)}.`,
    },
  })
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
