import type { ApiMiddleware } from '../api-context.ts'
import { acceptsGzip, gzipOnce } from '../gzip.ts'

/** Below it the header section is most of the answer. */
const BYTES_MIN = 1024

/** Compresses what a route answers, for callers that take it. Of use where answers are large. */
export const gzipAnswer: ApiMiddleware = async (c, next) => {
  await next()
  if (c.res.status !== 200 || !acceptsGzip(c.req.header('accept-encoding'))) return
  const octets = Buffer.from(await c.res.clone().arrayBuffer())
  if (octets.length < BYTES_MIN) return
  const answer = new Response(await gzipOnce(octets), c.res)
  answer.headers.set('Content-Encoding', 'gzip')
  answer.headers.set('Vary', 'Accept-Encoding')
  answer.headers.delete('Content-Length')
  c.res = answer
}
