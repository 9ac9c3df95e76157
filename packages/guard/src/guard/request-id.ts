/** An opaque, unguessable request id: `req_` and 128 random bits in base64url. */
export function requestId(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at += 3) {
    const [one = 0, two = 0, three = 0] = octets.subarray(at, at + 3)
    const bits = (one << 16) | (two << 8) | three
    const digits = Math.min(octets.length - at, 3) + 1
    for (let digit = 0; digit < digits; digit++) {
      text += ALPHABET.charAt((bits >> (18 - 6 * digit)) & 63)
    }
  }
  return `req_${text}`
}

/** RFC 4648 §5. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
