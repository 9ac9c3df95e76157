import { type Domain, parseDomain } from '../domain/domain.ts'

/**
 * The domain in `host[:port]`: a host of spec §3 and an optional port of 1–5 digits, 0–65535.
 * @returns `undefined` for everything else, an IP address and an empty port included.
 */
export function parseAuthority(authority: string): Domain | undefined {
  const colon = authority.indexOf(':')
  if (colon === -1) return parseDomain(authority)
  return isPort(authority.slice(colon + 1)) ? parseDomain(authority.slice(0, colon)) : undefined
}

/** Whether the text is a port: 1–5 digits, 0–65535. Leading zeros count as digits. */
export function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 65_535
}

const PORT = /^[0-9]{1,5}$/
