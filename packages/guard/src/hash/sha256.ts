/**
 * SHA-256 (FIPS 180-4) of ASCII text, 64 lower-case hexadecimal digits: by the runtime where it answers
 * at once, as Node does (a tenth of the time), and written out elsewhere. Web Crypto answers later, and
 * a decision must not: so every door decides in one step, and nothing of a platform is imported.
 */
export function sha256Hex(text: string): string {
  return hashOfRuntime === undefined ? writtenSha256Hex(text) : hashOfRuntime('sha256', text)
}

type RuntimeHash = (algorithm: 'sha256', text: string) => string

/** `crypto.hash` (Node 20.12), found without an import, which other platforms would refuse. */
const hashOfRuntime = findRuntimeHash()

function findRuntimeHash(): RuntimeHash | undefined {
  // `as`: what Node has there, looked at member by member because others have something else.
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (id: string) => { hash?: unknown } | undefined }
  }
  const hash = process?.getBuiltinModule?.('node:crypto')?.hash
  // `as`: it is a function of that name, and its digest is hexadecimal unless asked otherwise.
  return typeof hash === 'function' ? (hash as RuntimeHash) : undefined
}

/** The same, written out. */
export function writtenSha256Hex(text: string): string {
  const state = Int32Array.from(START)
  const words = new Int32Array(64)
  const blocks = ((text.length + 8) >> 6) + 1
  for (let block = 0; block < blocks; block++) {
    readBlock(text, block, words)
    if (block === blocks - 1) {
      // The length in bits, which a text as short as ours leaves the upper half of at 0.
      words[15] = text.length * 8
    }
    mix(state, words)
  }
  let hex = ''
  for (const word of state) hex += (word >>> 0).toString(16).padStart(8, '0')
  return hex
}

function readBlock(text: string, block: number, words: Int32Array): void {
  const start = block * 64
  for (let word = 0; word < 16; word++) {
    let value = 0
    for (let octet = 0; octet < 4; octet++) {
      const at = start + word * 4 + octet
      value =
        (value << 8) | (at < text.length ? text.charCodeAt(at) : at === text.length ? 0x80 : 0)
    }
    words[word] = value
  }
}

/** Indices stay below 64, and `?? 0` is what the type checker asks for. */
function mix(state: Int32Array, words: Int32Array): void {
  for (let at = 16; at < 64; at++) {
    const early = words[at - 15] ?? 0
    const late = words[at - 2] ?? 0
    const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const large = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    words[at] = (words[at - 16] ?? 0) + small + (words[at - 7] ?? 0) + large
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let at = 0; at < 64; at++) {
    const choice = (e & f) ^ (~e & g)
    const one =
      (h +
        (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
        choice +
        (ROUNDS[at] ?? 0) +
        (words[at] ?? 0)) |
      0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  for (const [at, value] of [a, b, c, d, e, f, g, h].entries()) state[at] = (state[at] ?? 0) + value
}

/** The bits turned to the right. */
function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

/** The first bits of the fractional parts of roots of the first primes: of 8 square, of 64 cube. */
const PRIMES = firstPrimes(64)
const START = PRIMES.slice(0, 8).map((prime) => fractionalBits(Math.sqrt(prime)))
const ROUNDS = Int32Array.from(PRIMES.map((prime) => fractionalBits(Math.cbrt(prime))))

function fractionalBits(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}
