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
  const end = host.endsWith('.') ? host.length - 1 : host.length
  if (end > DOMAIN_MAX) return undefined
  let labelStart = 0
  let onlyDigits = true
  for (let at = 0; at < end; at++) {
    const code = host.charCodeAt(at)
    if (code === DOT) {
      if (!isLabelLength(at - labelStart)) return undefined
      labelStart = at + 1
      onlyDigits = true
    } else if (!isDigit(code)) {
      // Checked before lower-casing, which would turn U+212A (Kelvin) into a `k`.
      if (!isLabelLetter(code)) return undefined
      onlyDigits = false
    }
  }
  if (!isLabelLength(end - labelStart) || onlyDigits) return undefined
  const domain = host.slice(0, end).toLowerCase()
  return domain.startsWith('0x', labelStart) ? undefined : (domain as Domain)
}

const DOT = 46
const HYPHEN = 45
const UNDERSCORE = 95

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
