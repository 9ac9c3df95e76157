import type { Brand } from '../parsed.ts'

/**
 * Host name in lower-case A-labels (RFC 5890), no port, no trailing dot: `xn--bcher-kva.example`.
 * Never an IP address. Its punycode is not checked: it only has to equal what an entry became.
 */
export type Domain = Brand<string, 'Domain'>

const LABEL_MAX = 63
const DOMAIN_MAX = 253

/**
 * Reads a host as spec §3 has it: labels of 1–63 characters `[a-z0-9_-]` after lower-casing, joined
 * by dots, 253 at most, one trailing dot dropped, the last label neither all digits nor `0x…`
 * (what a URL parser would take for an IPv4 address).
 * @returns `undefined` for everything else.
 */
export function parseDomain(host: string): Domain | undefined {
  return parseDomainIn(host, 0, host.length)
}

/**
 * As {@link parseDomain}, of the characters of `text` from `start` to before `hostEnd`: a part of a
 * string is dearer to read than the string (measured, and done for every browser request).
 */
export function parseDomainIn(text: string, start: number, hostEnd: number): Domain | undefined {
  const end = hostEnd > start && text.charCodeAt(hostEnd - 1) === DOT ? hostEnd - 1 : hostEnd
  if (end - start > DOMAIN_MAX) return undefined
  let labelStart = start
  let onlyDigits = true
  let hasUpperCase = false
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      if (!isLabelLength(at - labelStart)) return undefined
      labelStart = at + 1
      onlyDigits = true
    } else if (!isDigit(code)) {
      // Checked before lower-casing, which would turn U+212A (Kelvin) into a `k`.
      if (!isLabelLetter(code)) return undefined
      onlyDigits = false
      hasUpperCase ||= code <= UPPER_Z && code >= UPPER_A
    }
  }
  if (!isLabelLength(end - labelStart) || onlyDigits) return undefined
  if (isHexadecimal(text, labelStart)) return undefined
  const domain = text.slice(start, end)
  return (hasUpperCase ? domain.toLowerCase() : domain) as Domain
}

const DOT = 46
const HYPHEN = 45
const UNDERSCORE = 95
const UPPER_A = 65
const UPPER_Z = 90
const ZERO = 48
const LOWER_X = 120

/** Whether a label begins with `0x`. It may be shorter: a dot, a colon or nothing is no `x`. */
function isHexadecimal(text: string, labelStart: number): boolean {
  return text.charCodeAt(labelStart) === ZERO && (text.charCodeAt(labelStart + 1) | 32) === LOWER_X
}

function isLabelLength(length: number): boolean {
  return length >= 1 && length <= LABEL_MAX
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isLabelLetter(code: number): boolean {
  const lowerCase = code | 32
  return (lowerCase >= 97 && lowerCase <= 122) || code === HYPHEN || code === UNDERSCORE
}
