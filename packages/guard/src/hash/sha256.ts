import { DIGEST_WORDS, PADDING_MAX, sha256 } from '@keyfence/core'

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
  const octets = new DataView(new ArrayBuffer(text.length + PADDING_MAX))
  for (let at = 0; at < text.length; at++) octets.setUint8(at, text.charCodeAt(at))
  const digest = new Int32Array(DIGEST_WORDS)
  sha256(octets, text.length, digest)
  return Array.from(digest, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
