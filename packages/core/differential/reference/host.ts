import { asciiLowerCase } from './header-fields.ts'

/**
 * A host of spec §3 in lower case without its trailing dot, or null.
 * It may be spelled in either case; nothing else is forgiven.
 */
export function readHost(text: string): string | null {
  const host = asciiLowerCase(text).replace(/\.$/, '')
  // "joined by dots, 253 at most, one trailing dot dropped"
  if (host.length > 253) return null
  const labels = host.split('.')
  // "labels of 1–63 characters `[a-z0-9_-]` after lower-casing"
  if (!labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) return null
  // "the last label neither all digits nor `0x…`"
  return /^(\d+|0x.*)$/.test(labels.at(-1) ?? '') ? null : host
}

/** "an optional `:port` (1–5 digits, 0–65535)": the text after the colon. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535
}
