import { echoableOrigin, IDENTITY_FIELDS } from '@keyfence/core'
import { isTargetedCacheControl, privateCacheControl } from './cache-control.ts'
import { connectionOptions, HOP_BY_HOP_FIELDS } from './hop-by-hop.ts'
import type { Passage } from './passage.ts'

/** How an answer is passed on. */
export interface ResponseFieldOptions {
  readonly sharedCaching: boolean
  /** The body will be chunked, so that trailers can follow and may be announced. */
  readonly isChunked: boolean
  /** 204: whoever believed a length would take the next answer for it (RFC 9110 §8.6). */
  readonly isWithoutContent: boolean
}

/**
 * The field lines that the caller gets, name and value in turn: the upstream's in their order,
 * without what belongs to the connection or is for Keyfence alone to say; with the caching and CORS
 * of spec §7.
 */
export function callerFields(
  fields: readonly string[],
  passage: Passage,
  options: ResponseFieldOptions,
): string[] {
  const nominated = connectionOptions(fields)
  const keepsCaching = options.sharedCaching || passage.by !== 'token'
  const passed: string[] = []
  const vary: string[] = []
  const cacheControl: string[] = []
  let hasCors = false
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? ''
    const value = fields[at + 1] ?? ''
    const lowerCaseName = name.toLowerCase()
    if (REMOVED.has(lowerCaseName) || nominated?.has(lowerCaseName)) continue
    if (lowerCaseName === 'vary') vary.push(value)
    else if (!keepsCaching && lowerCaseName === 'cache-control') cacheControl.push(value)
    else if (!keepsCaching && isTargetedCacheControl(lowerCaseName)) continue
    else if (lowerCaseName === 'trailer' && !options.isChunked) continue
    else if (lowerCaseName === 'content-length' && options.isWithoutContent) continue
    else passed.push(name, value)
    if (lowerCaseName === ALLOW_ORIGIN) hasCors = true
  }
  passed.push('Vary', varyWithOrigin(vary))
  if (!keepsCaching) passed.push('Cache-Control', privateCacheControl(cacheControl))
  if (!hasCors && passage.by !== 'preflight') passed.push(...echoedOrigin(passage))
  return passed
}

/**
 * The trailers that the caller gets, in pairs: the upstream's but for what no answer of it may say, and
 * what a header section alone may (RFC 9110 §6.5.1): some recipients put the two together.
 */
export function callerTrailers(fields: readonly string[]): [name: string, value: string][] {
  const passed: [string, string][] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? ''
    if (!isRemovedTrailer(name.toLowerCase())) passed.push([name, fields[at + 1] ?? ''])
  }
  return passed
}

function isRemovedTrailer(lowerCaseName: string): boolean {
  return (
    REMOVED.has(lowerCaseName) ||
    HEADER_SECTION_ALONE.has(lowerCaseName) ||
    lowerCaseName.startsWith('access-control-') ||
    isTargetedCacheControl(lowerCaseName)
  )
}

/** Framing, routing, caching, cookies and what the content is. */
const HEADER_SECTION_ALONE: ReadonlySet<string> = new Set([
  'age',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'date',
  'expires',
  'host',
  'location',
  'retry-after',
  'set-cookie',
  'vary',
  'www-authenticate',
])

const ALLOW_ORIGIN = 'access-control-allow-origin'

/** Besides hop-by-hop: an upstream may not answer in our name, nor tell a caller who it is to us. */
const REMOVED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP_FIELDS,
  ...IDENTITY_FIELDS.map((name) => name.toLowerCase()),
  'keyfence-request-id',
])

function varyWithOrigin(values: readonly string[]): string {
  if (values.length === 0) return 'Origin'
  const vary = values.join(', ')
  const names = new Set(vary.split(',').map((name) => name.trim().toLowerCase()))
  if (names.has('*')) return '*'
  return names.has('origin') ? vary : `${vary}, Origin`
}

/** Without it a page could send a request and not read its answer. No credentials (spec §7). */
function echoedOrigin({ evidence }: Passage): string[] {
  const origin = echoableOrigin(evidence)
  return origin === undefined ? [] : ['Access-Control-Allow-Origin', origin]
}
