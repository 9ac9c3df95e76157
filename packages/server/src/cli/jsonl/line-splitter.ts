/** One line of input as text, or why it is none. */
export type InputLine =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'malformed'; readonly error: string }

/** The longest line in octets: without its LF, and the CR and BOM that are dropped. */
export const LINE_BYTES_MAX = 1024 * 1024

/** Cuts a stream of octets into lines, holding at most one line and one chunk. */
export interface LineSplitter {
  /** The lines that end in this chunk; all of them are to be taken before the next call. */
  readonly push: (chunk: Uint8Array) => Iterable<InputLine>
  /** The last line, if it has no LF. */
  readonly end: () => Iterable<InputLine>
}

/**
 * LF ends a line; a CR before it and a BOM in front of the line are dropped. A line that is too long
 * is reported at its end, and reading goes on behind it.
 */
export function lineSplitter(): LineSplitter {
  let held = new Uint8Array(0)
  let heldBytes = 0
  const hold = (part: Uint8Array): void => {
    const bytes = heldBytes + part.length
    // What can no longer become a line need not be kept: its length is enough.
    if (bytes <= HELD_BYTES_MAX) {
      if (bytes > held.length) held = grown(held, bytes)
      held.set(part, heldBytes)
    }
    heldBytes = bytes
  }
  const release = (part: Uint8Array): InputLine => {
    if (heldBytes === 0) return decodeLine(part)
    hold(part)
    const line = heldBytes > HELD_BYTES_MAX ? TOO_LONG : decodeLine(held.subarray(0, heldBytes))
    heldBytes = 0
    return line
  }
  return {
    *push(chunk) {
      let start = 0
      for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
        yield release(chunk.subarray(start, end))
        start = end + 1
      }
      if (start < chunk.length) hold(chunk.subarray(start))
    },
    *end() {
      if (heldBytes > 0) yield release(NOTHING)
    },
  }
}

const NOTHING = new Uint8Array(0)
const LF = 0x0a
const CR = 0x0d
const BOM = [0xef, 0xbb, 0xbf] as const
const HELD_BYTES_MAX = LINE_BYTES_MAX + BOM.length + 1

const TOO_LONG: InputLine = { kind: 'malformed', error: 'The line is longer than 1 MiB.' }
const NOT_UTF8: InputLine = { kind: 'malformed', error: 'The line is not UTF-8.' }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeLine(octets: Uint8Array): InputLine {
  const start = BOM.every((octet, at) => octets[at] === octet) ? BOM.length : 0
  const end = octets.at(-1) === CR ? octets.length - 1 : octets.length
  if (end - start > LINE_BYTES_MAX) return TOO_LONG
  try {
    return { kind: 'text', text: decoder.decode(octets.subarray(start, Math.max(start, end))) }
  } catch {
    return NOT_UTF8
  }
}

/** Room for at least `bytes`, doubled each time, so that a slow writer costs no more than a fast one. */
function grown(held: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const room = new Uint8Array(Math.min(HELD_BYTES_MAX, Math.max(bytes, held.length * 2)))
  room.set(held)
  return room
}
