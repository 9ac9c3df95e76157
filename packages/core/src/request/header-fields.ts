/**
 * The field lines of a request in the order received, repetitions kept: name, value, name, value …
 * (the shape of Node's `rawHeaders`, the only place where a repeated `Origin` shows).
 */
export type HeaderFields = readonly string[]

/** Whether two field names are the same: ASCII case aside, character by character (spec §2). */
export function isFieldNamed(name: string, lowerCaseName: string): boolean {
  return name.length === lowerCaseName.length && startsWithName(name, lowerCaseName)
}

/** Whether the text begins with a name: ASCII case aside, character by character. */
export function startsWithName(text: string, lowerCaseName: string): boolean {
  // From the end: names of one length have their beginnings in common, `sec-fetch-` and more.
  for (let at = lowerCaseName.length - 1; at >= 0; at--) {
    const code = text.charCodeAt(at)
    const isUpperCase = code >= UPPER_A && code <= UPPER_Z
    if ((isUpperCase ? code + 32 : code) !== lowerCaseName.charCodeAt(at)) return false
  }
  return true
}

/** The values of all lines named so, in order, SP and HTAB trimmed from their ends. */
export function fieldValues(fields: HeaderFields, lowerCaseName: string): string[] {
  const values: string[] = []
  for (let at = 0, name = fields[0]; name !== undefined; at += 2, name = fields[at]) {
    if (isFieldNamed(name, lowerCaseName)) values.push(fieldValueAt(fields, at + 1))
  }
  return values
}

/** The value that stands at `at`, trimmed. A last name without one counts as present and empty. */
export function fieldValueAt(fields: HeaderFields, at: number): string {
  return trimBlanks(fields[at] ?? '')
}

/**
 * ASCII letters lower-cased and nothing else: `toLowerCase` would also fold U+212A (Kelvin) into
 * `k`, which makes two different names equal.
 */
export function lowerCaseAscii(text: string): string {
  return NOT_ASCII.test(text)
    ? text.replace(UPPER_CASE, (letter) => letter.toLowerCase())
    : text.toLowerCase()
}

/** SP and HTAB removed from both ends (OWS, RFC 9110 §5.6.3). */
export function trimBlanks(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--
  return start === 0 && end === value.length ? value : value.slice(start, end)
}

/** Whether a value holds a control character other than HTAB, or one above U+007E (spec §2). */
export function isUnreadable(value: string): boolean {
  return UNREADABLE.test(value)
}

const UPPER_A = 65
const UPPER_Z = 90
const UNREADABLE = /[^\t\u0020-\u007e]/
const NOT_ASCII = /[^\u0000-\u007f]/
const UPPER_CASE = /[A-Z]/g

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}
