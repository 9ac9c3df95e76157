import { type Domain, parseDomainIn } from '../domain/domain.ts'

/**
 * The domain in `host[:port]`, all that the text holds from `start` on: a host of spec §3 and an
 * optional port of 1–5 digits, 0–65535.
 * @returns `undefined` for everything else, an IP address and an empty port included.
 */
export function parseAuthority(text: string, start = 0): Domain | undefined {
  const colon = text.indexOf(':', start)
  if (colon === -1) return parseDomainIn(text, start, text.length)
  return isPort(text.slice(colon + 1)) ? parseDomainIn(text, start, colon) : undefined
}

/** Whether the text is a port: 1–5 digits, 0–65535. Leading zeros count as digits. */
export function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 65_535
}

const PORT = /^[0-9]{1,5}$/
