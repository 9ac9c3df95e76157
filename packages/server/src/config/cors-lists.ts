import { lowerCaseAscii, type Parsed, parseOrigin } from '@keyfence/core'
import { parseEach, type SettingProblem } from './setting.ts'

/** A list of what preflights are granted, or `echo`: what they ask for. */
export type CorsList = 'echo' | readonly string[]

/** Reads `echo` or origins that a page can have; a default port is dropped, as browsers do. */
export function parseCorsOrigins(
  elements: readonly string[],
): Parsed<CorsList, string | SettingProblem> {
  return parseCorsList(elements, (text) => {
    if (parseOrigin(text) === undefined || !URL.canParse(text)) {
      return { ok: false, problem: 'write echo, or origins like https://app.example.com.' }
    }
    return { ok: true, value: new URL(text).origin }
  })
}

/** Reads `echo` or methods; their case counts (RFC 9110 §9.1). */
export function parseCorsMethods(
  elements: readonly string[],
): Parsed<CorsList, string | SettingProblem> {
  return parseCorsList(elements, (text) =>
    parseToken(text, 'write echo, or methods like GET, PUT.'),
  )
}

/** Reads `echo` or names of header fields. */
export function parseCorsHeaders(
  elements: readonly string[],
): Parsed<CorsList, string | SettingProblem> {
  const problem = 'write echo, or field names like Authorization, Content-Type.'
  return parseCorsList(elements, (text) => parseToken(lowerCaseAscii(text), problem))
}

/** The list as it is written. */
export function showCorsList(list: CorsList): string | readonly string[] {
  return list
}

function parseCorsList(
  elements: readonly string[],
  parseElement: (text: string) => Parsed<string, string>,
): Parsed<CorsList, string | SettingProblem> {
  if (elements.length === 1 && elements[0] === 'echo') return { ok: true, value: 'echo' }
  return parseEach(elements, parseElement)
}

/** RFC 9110 §5.6.2, but for `*`, which would not mean what it says once a token is sent. */
const TOKEN = /^(?!\*$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

function parseToken(text: string, problem: string): Parsed<string, string> {
  return TOKEN.test(text) ? { ok: true, value: text } : { ok: false, problem }
}
