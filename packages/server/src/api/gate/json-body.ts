import type { ApiMiddleware, ApiRequest } from '../api-context.ts'
import { jsonPointer } from '../json-pointer.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'

type BodyProblem =
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'malformed_json'
  | 'invalid_request'
  | 'unknown_member'

/**
 * Reads the body before any schema sees it: JSON in UTF-8, of a bounded size and depth, without
 * names that mean something to the language. An empty body counts as `{}`.
 * @param bytesMin what may be sent whatever `bodyBytesMax` says.
 */
export function jsonBody(bytesMin: number): ApiMiddleware {
  return async (c, next) => {
    c.set('bodyText', '')
    if (!METHODS_WITH_BODY.has(c.req.method)) return next()
    const bytesMax = Math.max(bytesMin, c.var.api.settings.bodyBytesMax)
    const text = await readText(c, bytesMax)
    if (!text.ok) return problemAnswer(c, text.problem)
    c.set('bodyText', text.value)
    // What the validators read from here on: promises, though their type says text. They take an
    // empty body for none where no type is given with it, and for broken JSON where one is.
    const isTyped = c.req.header('content-type') !== undefined
    const read = text.value === '' && isTyped ? '{}' : text.value
    Object.assign(c.req.bodyCache, { text: Promise.resolve(read) })
    return next()
  }
}

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

async function readText(c: ApiRequest, bytesMax: number): Promise<Outcome<string, BodyProblem>> {
  const octets = await readOctets(c, bytesMax)
  if (octets === 'broken_off') return refuse('malformed_json', 'The body broke off.')
  if (octets === 'too_large') {
    return refuse('body_too_large', `At most ${bytesMax} bytes are read. Send less at a time.`)
  }
  if (octets.length === 0) return { ok: true, value: '' }
  if (c.req.method === 'DELETE') return refuse('invalid_request', 'A DELETE takes no body.')
  if (!isJsonInUtf8(c)) {
    const detail = 'Send the body as application/json in UTF-8, without a Content-Encoding.'
    return refuse('unsupported_media_type', detail)
  }
  return parse(octets)
}

function isJsonInUtf8(c: ApiRequest): boolean {
  const type = c.req.header('content-type') ?? ''
  return JSON_TYPE.test(type) && c.req.header('content-encoding') === undefined
}

const JSON_TYPE = /^application\/json(?:; ?charset="?utf-8"?)?$/i

/** The body, or why it was not read to its end; nothing beyond the limit is kept. */
async function readOctets(
  c: ApiRequest,
  bytesMax: number,
): Promise<Buffer | 'too_large' | 'broken_off'> {
  if (Number(c.req.header('content-length') ?? 0) > bytesMax) return 'too_large'
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      length += chunk.length
      if (length > bytesMax) return 'too_large'
      chunks.push(chunk)
    }
  } catch {
    return 'broken_off'
  }
  return Buffer.concat(chunks)
}

function parse(octets: Buffer): Outcome<string, BodyProblem> {
  let text: string
  let value: unknown
  try {
    text = UTF_8.decode(octets)
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the body, which may hold a secret.
    return refuse('malformed_json', 'Check the body with a JSON parser; it has to be UTF-8.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('invalid_request', { detail: 'The body has to be a JSON object.', path: '' })
  }
  return refuseShape(value) ?? { ok: true, value: text }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })
const DEPTH_MAX = 32

/** Level by level and without recursion: depth costs no stack. */
function refuseShape(root: object): ReturnType<typeof refuse<BodyProblem>> | undefined {
  let level: readonly Member[] = [{ name: '', path: '', value: root }]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) {
      return refuse('invalid_request', `The body is nested deeper than ${DEPTH_MAX} levels.`)
    }
    const members = level.flatMap(membersOf)
    const proto = members.find(({ name }) => name === '__proto__')
    if (proto !== undefined) return refuse('unknown_member', { detail: NO_PROTO, path: proto.path })
    level = members.filter(({ value }) => typeof value === 'object' && value !== null)
  }
  return undefined
}

interface Member {
  readonly name: string
  readonly path: string
  readonly value: unknown
}

function membersOf({ path, value }: Member): Member[] {
  return Object.entries(value ?? {}).map(([name, member]) => ({
    name,
    path: path + jsonPointer([name]),
    value: member,
  }))
}

const NO_PROTO = 'No object has a member named __proto__. Leave it out.'
