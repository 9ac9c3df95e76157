/**
 * Reads the value of a `Content-Length` line (RFC 9110 §8.6): digits alone, so no sign, no list and
 * no blank, and a number that is exact.
 * @returns `undefined` for everything else.
 */
export function parseContentLength(value: string): number | undefined {
  if (!DIGITS.test(value)) return undefined
  const length = Number(value)
  return Number.isSafeInteger(length) ? length : undefined
}

const DIGITS = /^[0-9]+$/
