import type { ReadVerdict } from './upstream-call.ts'

/** The `onread` of a socket. */
export interface Reading {
  /** Into what the next read goes. Called before the first read and behind each. */
  readonly buffer: () => Buffer
  /** Called with how much was read; false stops reading. */
  readonly callback: (length: number) => boolean
}

/**
 * Makes a socket read without a new buffer for each read, which halves what a large answer
 * costs (measured). A buffer is written over by the next read, so one that somebody still needs is
 * left to whoever that is, and another takes its place.
 * @param onOctets deals with what was read.
 */
export function readingInto(onOctets: (octets: Buffer) => ReadVerdict): Reading {
  let buffer = Buffer.allocUnsafeSlow(READ_BYTES_MAX)
  let isFree = true
  return {
    buffer: () => {
      if (!isFree) buffer = Buffer.allocUnsafeSlow(READ_BYTES_MAX)
      isFree = true
      return buffer
    },
    callback: (length) => {
      isFree = false
      const verdict = onOctets(buffer.subarray(0, length))
      isFree = verdict === 'free'
      return verdict !== 'full'
    },
  }
}

const READ_BYTES_MAX = 65_536
