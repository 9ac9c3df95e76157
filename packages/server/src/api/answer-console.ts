import type { ApiRequest } from './api-context.ts'
import { CONSOLE_PAGE, type ConsoleFile } from './console-files.ts'
import { frameAncestors } from './door-url.ts'
import { acceptsGzip, gzipped } from './gzip.ts'

/**
 * Answers with a file of the console, or with its page where a browser opens one of its paths.
 * @returns `undefined` for everything else, and where the console was not built
 */
export function answerConsole(c: ApiRequest): Promise<Response> | undefined {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return undefined
  const { consoleFiles } = c.var.api
  const { path } = c.req
  const file = path === CONSOLE_PAGE ? undefined : consoleFiles.get(path)
  // Its name holds a hash of what is in it.
  if (file !== undefined) return answerFile(c, file, { 'Cache-Control': IMMUTABLE })
  const page = consoleFiles.get(CONSOLE_PAGE)
  if (page === undefined || isOfPrograms(path) || !isForBrowser(c)) return undefined
  return answerFile(c, page, {
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': `${POLICY}; ${frameAncestors(c)}`,
  })
}

const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * Scripts and requests of this origin alone. Styles may stand in the page: the components set their
 * colours by one, and no style reads what a script could.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Paths that are no page, whatever is missing there. */
function isOfPrograms(path: string): boolean {
  return path === '/v1' || path.startsWith('/v1/') || path.startsWith('/assets/')
}

function isForBrowser(c: ApiRequest): boolean {
  return (c.req.header('accept') ?? '').includes('text/html')
}

async function answerFile(
  c: ApiRequest,
  { contentType, octets }: ConsoleFile,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  const headers = { 'Content-Type': contentType, Vary: 'Accept-Encoding', ...fields }
  if (c.req.method === 'HEAD') return c.body(null, 200, headers)
  if (!acceptsGzip(c.req.header('accept-encoding'))) return c.body(octets, 200, headers)
  return c.body(await gzipped(octets), 200, { ...headers, 'Content-Encoding': 'gzip' })
}
