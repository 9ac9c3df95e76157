import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Whether who sent this `Accept-Encoding` takes gzip (RFC 9110 §12.5.3). A `*` alone is not enough. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const accepted = (acceptEncoding ?? '').split(',').map((coding) => coding.split(';'))
  return accepted.some(
    ([name = '', ...parameters]) =>
      name.trim().toLowerCase() === 'gzip' &&
      !parameters.some((parameter) => NOT_AT_ALL.test(parameter)),
  )
}

const NOT_AT_ALL = /^\s*q=0(?:\.0*)?\s*$/i

/** The octets in gzip: made when they are first asked for, off this thread, and then kept. */
export function gzipped(octets: Buffer<ArrayBuffer>): Promise<Buffer<ArrayBuffer>> {
  const known = made.get(octets)
  if (known !== undefined) return known
  const making = compress(octets, { level: 9 })
  made.set(octets, making)
  return making
}

/** Octets that are sent once, in gzip: quickly rather than small. */
export function gzipOnce(octets: Buffer<ArrayBuffer>): Promise<Buffer<ArrayBuffer>> {
  return compress(octets, { level: 1 })
}

const made = new WeakMap<Buffer, Promise<Buffer<ArrayBuffer>>>()
const compress = promisify<Buffer, { readonly level: number }, Buffer<ArrayBuffer>>(gzip)
