import type { HeaderFields } from '@keyfence/core'

/**
 * Where the empty line begins that ends a header section; -1 if it has not come yet. A section of no
 * field lines ends right at `from`.
 * @param from where the first field line begins.
 */
export function headerSectionEnd(octets: Buffer, from: number): number {
  if (octets[from] === CR && octets[from + 1] === LF) return from
  const lastLineEnd = octets.indexOf('\r\n\r\n', from, 'latin1')
  return lastLineEnd === -1 ? -1 : lastLineEnd + 2
}

/**
 * Reads field lines as RFC 9112 §5 writes them, and nothing that is merely understood elsewhere: no
 * folded line, no blank before the colon, no CR or LF by itself, no control character. What two
 * readers could read as two messages is malformed (RFC 9112 §11.2).
 * @param from where the first line begins; `end` as {@link headerSectionEnd} says.
 * @returns name and value in turn, values without the blanks around them, octets as Latin-1, all of
 * them parts of one string, so that who keeps one copies it; `undefined` if a line is malformed.
 */
export function readFieldLines(
  octets: Buffer,
  { from, end }: { readonly from: number; readonly end: number },
): HeaderFields | undefined {
  const fields: string[] = []
  // Once for all lines: a call of the runtime for each part is half of what reading costs.
  const text = octets.toString('latin1', from, end)
  let at = from
  while (at < end) {
    const nameAt = at
    while (isTokenOctet(octets, at)) at++
    if (at === nameAt || octets[at] !== COLON) return undefined
    const name = text.slice(nameAt - from, at - from)
    at++
    while (isBlank(octets[at])) at++
    const valueAt = at
    let valueEnd = at
    for (; isValueOctet(octets, at); at++) if (!isBlank(octets[at])) valueEnd = at + 1
    if (octets[at] !== CR || octets[at + 1] !== LF) return undefined
    fields.push(name, text.slice(valueAt - from, valueEnd - from))
    at += 2
  }
  return fields
}

/** Whether a character of a token (RFC 9110 §5.6.2) stands there. */
export function isTokenOctet(octets: Buffer, at: number): boolean {
  return ((KINDS[octets[at] ?? 0] ?? 0) & TOKEN) !== 0
}

export const CR = 13
export const LF = 10
const COLON = 58
const TOKEN = 1
const VALUE = 2

/** What each octet may be part of; of those that are part of nothing, 0 is one. */
const KINDS = Uint8Array.from({ length: 256 }, (_, octet) => {
  const isToken = /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(octet))
  const isValue = octet === 9 || (octet >= 32 && octet !== 127)
  return (isToken ? TOKEN : 0) | (isValue ? VALUE : 0)
})

/** Whether an octet stands there that a field value may hold (RFC 9110 §5.5): blanks, no controls. */
export function isValueOctet(octets: Buffer, at: number): boolean {
  return ((KINDS[octets[at] ?? 0] ?? 0) & VALUE) !== 0
}

/** Whether it is SP or HTAB (OWS, RFC 9110 §5.6.3). */
export function isBlank(octet: number | undefined): boolean {
  return octet === 32 || octet === 9
}
