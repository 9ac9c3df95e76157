import type { Parsed } from '@keyfence/core'

/** Reads what a `Host` field may hold: a name or address, and a port if there is one. */
export function parseHostField(text: string): Parsed<string, string> {
  return matching(text, AUTHORITY, 'write HOST or HOST:PORT.')
}

/** Reads the name of a query parameter. */
export function parseParameterName(text: string): Parsed<string, string> {
  return matching(text, QUERY_NAME, 'write 1–64 of A-Z a-z 0-9 . _ ~ -')
}

/** Reads the path of a folder, there or not. */
export function parseFolder(text: string): Parsed<string, string> {
  return matching(text, FOLDER, 'write the path of a folder.')
}

/** How a text is shown that is kept as it was written. */
export function asWritten(text: string): string {
  return text
}

const AUTHORITY = /^(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i
const QUERY_NAME = /^[A-Za-z0-9._~-]{1,64}$/
const FOLDER = /^[^\0]{1,4096}$/

function matching(text: string, pattern: RegExp, problem: string): Parsed<string, string> {
  return pattern.test(text) ? { ok: true, value: text } : { ok: false, problem }
}
