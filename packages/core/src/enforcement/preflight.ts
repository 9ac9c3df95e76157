import { readEvidence } from '../request/evidence.ts'
import { fieldValues, type HeaderFields } from '../request/header-fields.ts'
import { type Answer, echoableOrigin } from './refusal-answer.ts'

/** How the operator wants preflights answered. `echo`: what was asked for, up to 1 KiB. */
export interface CorsSettings {
  /** `answer` them here, or `pass` them to the upstream without a token. */
  readonly preflights: 'answer' | 'pass'
  /** Serialised origins in lower case, or `echo`. */
  readonly origins: 'echo' | readonly string[]
  readonly methods: 'echo' | readonly string[]
  readonly headers: 'echo' | readonly string[]
  readonly maxAgeS: number
  readonly credentials: boolean
}

/** What every door grants unless it is told otherwise: whatever a page asks for, without cookies (spec §7). */
export const DEFAULT_CORS: CorsSettings = {
  preflights: 'answer',
  origins: 'echo',
  methods: 'echo',
  headers: 'echo',
  maxAgeS: 600,
  credentials: false,
}

/**
 * Whether a request is a CORS preflight: `OPTIONS` with `Origin` and
 * `Access-Control-Request-Method`. It never carries a token (Fetch standard, CORS-preflight fetch).
 */
export function isPreflight(method: string, fields: HeaderFields): boolean {
  return (
    method === 'OPTIONS' &&
    fieldValues(fields, 'origin').length > 0 &&
    fieldValues(fields, REQUEST_METHOD).length > 0
  )
}

/** The 204 to a preflight, by the operator's settings (spec §7). An origin outside them is not named. */
export function preflightAnswer(fields: HeaderFields, settings: CorsSettings): Answer {
  const origin = echoableOrigin(readEvidence(fields))
  const isAllowed =
    origin !== undefined &&
    (settings.origins === 'echo' || settings.origins.includes(origin.toLowerCase()))
  return {
    status: 204,
    headers: [
      ...(isAllowed ? grants(origin, fields, settings) : []),
      ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
    ],
    body: '',
  }
}

const REQUEST_METHOD = 'access-control-request-method'
const ECHO_LENGTH_MAX = 1024

function grants(origin: string, fields: HeaderFields, settings: CorsSettings): [string, string][] {
  const methods = listed(settings.methods, fieldValues(fields, REQUEST_METHOD))
  const headers = listed(settings.headers, fieldValues(fields, 'access-control-request-headers'))
  const granted: [string, string][] = [['Access-Control-Allow-Origin', origin]]
  if (methods !== '') granted.push(['Access-Control-Allow-Methods', methods])
  if (headers !== '') granted.push(['Access-Control-Allow-Headers', headers])
  if (settings.credentials) granted.push(['Access-Control-Allow-Credentials', 'true'])
  granted.push(['Access-Control-Max-Age', String(settings.maxAgeS)])
  return granted
}

/** A configured list, or what was asked for where that is a list of tokens of at most 1 KiB. */
function listed(setting: 'echo' | readonly string[], asked: readonly string[]): string {
  if (setting !== 'echo') return setting.join(', ')
  const echo = asked.join(', ')
  return echo.length <= ECHO_LENGTH_MAX && TOKEN_LIST.test(echo) ? echo : ''
}

/** RFC 9110 §5.6.2 tokens, commas and blanks. */
const TOKEN_LIST = /^[!#$%&'*+.^_`|~0-9A-Za-z, \t-]*$/
