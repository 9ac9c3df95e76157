/** Follows the frames of one direction of a WebSocket (RFC 6455 §5.2), looking at lengths alone. */
export class FrameBoundaries {
  readonly #header = Buffer.alloc(HEADER_LENGTH_MAX)
  #headerLength = 0
  #payloadLeft = 0

  /** Whether what has passed so far ends with a whole frame, so that another may follow. */
  get isBetweenFrames(): boolean {
    return this.#headerLength === 0 && this.#payloadLeft === 0
  }

  advance(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= step
        at += step
        continue
      }
      this.#header[this.#headerLength++] = chunk[at++] ?? 0
      this.#finishHeader()
    }
  }

  #finishHeader(): void {
    if (this.#headerLength < 2) return
    const second = this.#header[1] ?? 0
    const short = second & 0x7f
    const extended = short === 127 ? 8 : short === 126 ? 2 : 0
    if (this.#headerLength < 2 + extended) return
    const length = extended === 0 ? short : this.#extendedLength(extended)
    this.#payloadLeft = length + ((second & 0x80) === 0 ? 0 : MASK_LENGTH)
    this.#headerLength = 0
  }

  #extendedLength(octets: 2 | 8): number {
    return octets === 2 ? this.#header.readUInt16BE(2) : Number(this.#header.readBigUInt64BE(2))
  }
}

/**
 * A close frame.
 * @param sender `caller`: masked, as a client's frames must be. The mask is zero: masking keeps
 *   payloads chosen by a page from looking like requests to old proxies, and this one is ours.
 */
export function closeFrame(code: number, sender: 'caller' | 'upstream'): Buffer {
  const payload = [code >> 8, code & 0xff]
  const mask = sender === 'caller' ? [0, 0, 0, 0] : []
  const maskBit = sender === 'caller' ? 0x80 : 0
  return Buffer.from([FINAL_CLOSE, maskBit | payload.length, ...mask, ...payload])
}

const FINAL_CLOSE = 0x88
const HEADER_LENGTH_MAX = 10
const MASK_LENGTH = 4
