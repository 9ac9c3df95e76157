const NOTIFICATION_RESPONSE = 'A'.charCodeAt(0)
/** Of the type, and of the length, which counts itself and what follows. */
const HEADER_LENGTH = 5

/**
 * Finds the messages in what a PostgreSQL server sends, and leaves out its notifications. It keeps nothing
 * back: a message's type is its first octet. Without TLS alone, whose request the server answers unframed.
 * @see PostgreSQL, "Message Formats" (protocol 3.0)
 */
export class MessageFilter {
  /** How many notifications were left out. */
  lost = 0
  readonly #header = new Uint8Array(HEADER_LENGTH)
  #headerLength = 0
  #bodyLeft = 0
  #isLosing = false

  /** What of the octets goes on. It has to see all of them, in their order. */
  pass(octets: Buffer, losesNotifications: boolean): Buffer {
    const kept: Buffer[] = []
    let at = 0
    while (at < octets.length) {
      if (this.#bodyLeft === 0 && this.#headerLength === 0) {
        this.#isLosing = losesNotifications && octets[at] === NOTIFICATION_RESPONSE
        if (this.#isLosing) this.lost += 1
      }
      const next = at + this.#advance(octets.subarray(at))
      if (!this.#isLosing) kept.push(octets.subarray(at, next))
      at = next
    }
    return Buffer.concat(kept)
  }

  /** Within one message. @returns how many octets are its own */
  #advance(octets: Buffer): number {
    if (this.#bodyLeft > 0) {
      const length = Math.min(this.#bodyLeft, octets.length)
      this.#bodyLeft -= length
      return length
    }
    const length = Math.min(HEADER_LENGTH - this.#headerLength, octets.length)
    this.#header.set(octets.subarray(0, length), this.#headerLength)
    this.#headerLength += length
    if (this.#headerLength === HEADER_LENGTH) {
      this.#headerLength = 0
      const counted = new DataView(this.#header.buffer).getUint32(1)
      this.#bodyLeft = Math.max(0, counted - (HEADER_LENGTH - 1))
    }
    return length
  }
}
