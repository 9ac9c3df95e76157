import type { ApiMiddleware } from '../api-context.ts'

/** Puts on every answer that nobody keeps it, sniffs it, frames it or tells where it came from. */
export const answerFields: ApiMiddleware = async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(ANSWER_FIELDS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  }
}

/** The fields of every answer, those that no route gives included. */
export const ANSWER_FIELDS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const
