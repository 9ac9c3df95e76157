/** What a digit says, by the code of its character; -1: it is none. */
export type Digits = Int8Array

export const LOWER_CASE_DIGITS: Digits = digitsOf('0123456789abcdef')
export const DIGITS: Digits = digitsOf('0123456789abcdef', '0123456789ABCDEF')

/**
 * The octet that two digits at a place of a text say; below 0 if one of them is none. A first copy reads
 * 48 of them for each token; made into a buffer by Node, those of a hash took nearly twice as long.
 */
export function octetOf(digits: Digits, text: string, at: number): number {
  const high = digits[text.charCodeAt(at)] ?? -1
  const low = digits[text.charCodeAt(at + 1)] ?? -1
  return (high << 4) | low
}

function digitsOf(...alphabets: readonly string[]): Digits {
  return Int8Array.from({ length: 128 }, (_, code) =>
    Math.max(...alphabets.map((alphabet) => alphabet.indexOf(String.fromCharCode(code)))),
  )
}
