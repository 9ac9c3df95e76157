/** The longest path that is kept, in characters; a longer one ends in `…`. */
export const PATH_LENGTH_MAX = 256

const METHOD_LENGTH_MAX = 32

/**
 * A path as it may be kept: without a query, with asterisks for what looks like a token, printable
 * ASCII (other octets percent-encoded) and cut. It shares no memory with the request.
 */
export function inertPath(path: string): string {
  // Looked at beyond the cut, or a token that lies across it would leave its first half.
  const looked = path.slice(0, PATH_LENGTH_MAX + TOKEN_LENGTH_MAX)
  const query = looked.indexOf('?')
  const plain = query === -1 ? looked : looked.slice(0, query)
  const safe = mayHoldToken(plain) ? plain.replace(TOKEN_LIKE, asterisks) : plain
  const inert = inertText(safe)
  return inert.length > PATH_LENGTH_MAX ? `${inert.slice(0, PATH_LENGTH_MAX - 1)}…` : inert
}

/** A field value as it may be shown: as a path is, but for its blanks, which stay. */
export function inertValue(value: string): string {
  return value
    .split(' ')
    .map((part) => inertPath(part))
    .join(' ')
    .slice(0, VALUE_LENGTH_MAX)
}

const VALUE_LENGTH_MAX = 1024

/** A method as it may be kept. */
export function inertMethod(method: string): string {
  return inertText(method.slice(0, METHOD_LENGTH_MAX))
}

/**
 * The same characters, all below U+0100, in memory of their own. V8 keeps the whole string that a
 * part was cut from, so that a kept domain would hold on to a header field of 16 KiB.
 */
export function copiedText(text: string): string {
  if (text.length > SCRATCH.length) return Buffer.from(text, 'latin1').toString('latin1')
  return SCRATCH.toString('latin1', 0, SCRATCH.write(text, 'latin1'))
}

const SCRATCH = Buffer.alloc(1024)

/** Prefix, its underscore and 40 characters, each percent-encoded. */
const TOKEN_LENGTH_MAX = 53 * 3

/**
 * A token of ours by its shape (spec §6), whatever its prefix is set to. Characters may be
 * percent-encoded: that hides a token from no reader of the path.
 */
const TOKEN_LIKE =
  /(?:[a-z0-9]|%[0-9A-Fa-f]{2}){1,12}(?:_|%5[Ff])(?:[0-9A-Za-z]|%[0-9A-Fa-f]{2}){40}/g

/** Each token of ours has an underscore, as it is or percent-encoded, and few paths do. */
function mayHoldToken(path: string): boolean {
  return path.includes('_') || path.includes('%5')
}

function asterisks({ length }: string): string {
  return '*'.repeat(length)
}

function inertText(text: string): string {
  return copiedText(VISIBLE.test(text) ? text : text.replace(/[^!-~]/gu, percentEncoded))
}

const VISIBLE = /^[!-~]*$/

/** Node reads a request line as Latin-1: a character up to U+00FF is the octet itself. */
function percentEncoded(character: string): string {
  const encoding = character <= '\u00ff' ? 'latin1' : 'utf8'
  const octets = Buffer.from(character, encoding).toString('hex').toUpperCase()
  return octets.replace(/../g, '%$&')
}
