import { lowerCaseAscii, type Parsed, type TokenField } from '@keyfence/core'
import { parseEach, type SettingProblem } from './setting.ts'

/**
 * Reads the setting `tokenFields`: `Authorization: Bearer` is a field with a scheme, `X-API-Key` one
 * that holds the token alone (spec §6). A field that HTTP or Keyfence itself needs is refused, for
 * the fields named here are taken out of every request.
 */
export function parseTokenFields(
  elements: readonly string[],
): Parsed<readonly TokenField[], string | SettingProblem> {
  if (elements.length === 0 || elements.length > FIELDS_MAX) {
    return { ok: false, problem: `name 1–${FIELDS_MAX} fields, like ${SAMPLE}.` }
  }
  const fields = parseEach(elements, parseTokenField)
  if (!fields.ok) return fields
  return isAmbiguous(fields.value)
    ? { ok: false, problem: 'name each field and scheme once; a field has schemes or has none.' }
    : fields
}

/** A field as it is written: `authorization: bearer`. */
export function formatTokenField({ name, scheme }: TokenField): string {
  return scheme === undefined ? name : `${name}: ${scheme}`
}

const FIELDS_MAX = 8
const SAMPLE = 'Authorization: Bearer, X-API-Key'

/** RFC 9110 §5.6.2 tokens. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*:[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+))?$/

/** What frames a message (RFC 9110 §7.6.1, RFC 9112 §6), routes it, or is evidence (spec §2–§4). */
const NEVER_TOKEN_FIELDS =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-.*|expect|host|origin|referer|cookie|forwarded|via|x-real-ip|x-forwarded-.*|x-original-.*|keyfence-.*|sec-.*|access-control-.*)$/

function parseTokenField(text: string): Parsed<TokenField, string | SettingProblem> {
  const match = FIELD.exec(text)
  if (match === null) return { ok: false, problem: `write fields like ${SAMPLE}.` }
  const name = lowerCaseAscii(match[1] ?? '')
  // Every other character read as a dash, as proxies and gateways do (spec §8.1).
  if (NEVER_TOKEN_FIELDS.test(name.replace(/[^a-z0-9]/g, '-'))) {
    return { ok: false, problem: { code: 'dangerous_value', message: NOT_FOR_TOKENS } }
  }
  const scheme = match[2] === undefined ? undefined : lowerCaseAscii(match[2])
  return { ok: true, value: { name, scheme } }
}

const NOT_FOR_TOKENS =
  'this field has a meaning of its own and would be removed from requests. Choose another, like X-API-Key.'

/** Read both whole and behind a scheme, one value would always be two different tokens. */
function isAmbiguous(fields: readonly TokenField[]): boolean {
  return fields.some((field, at) =>
    fields
      .slice(at + 1)
      .some(
        ({ name, scheme }) =>
          name === field.name &&
          (scheme === field.scheme || scheme === undefined || field.scheme === undefined),
      ),
  )
}
