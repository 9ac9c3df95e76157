import { fieldValues, type HeaderFields } from '@keyfence/core'
import { ChunkedReader } from '../../http1/chunked-reader.ts'
import { readFieldLines } from '../../http1/header-section.ts'
import { type BodyFraming, bodyFraming, type FramedHead } from '../../http1/response-framing.ts'
import { readStatusLine } from '../../http1/start-line.ts'

/** Status line and header section of an answer. */
export interface ResponseHead extends FramedHead {
  readonly reasonPhrase: string
}

/** What an answer consists of, in this order; parts of the body as they come. */
export interface ResponseEvents {
  /** A 1xx came, and the answer is still to come. */
  onInterim(): void
  onHead(head: ResponseHead): void
  /** @param octets are overwritten once the octets that were read have been dealt with. */
  onBody(octets: Buffer): void
  onEnd(trailers: HeaderFields): void
}

/** How far an answer has come. */
export type ReadingState =
  | { readonly kind: 'unfinished' }
  /** Read whole. `hasExcess`: something follows that nobody asked for. */
  | { readonly kind: 'whole'; readonly hasExcess: boolean }
  /** The connection is no longer HTTP; `rest` came behind the header section. */
  | { readonly kind: 'upgraded'; readonly head: ResponseHead; readonly rest: Buffer }
  | { readonly kind: 'malformed'; readonly reason: string }

/**
 * Reads the answer to one request from the octets of its connection, however they are cut. Pure: what
 * it is given decides what it tells. What is malformed ends it, for nothing behind that can be
 * believed.
 */
export class ResponseReader {
  readonly #method: string
  readonly #asksForWebSocket: boolean
  readonly #events: ResponseEvents
  /** Of a section that has not come whole. */
  #held: Buffer = NOTHING
  #framing: BodyFraming | undefined
  #chunks: ChunkedReader | undefined
  /** Octets of a body of known length that have not come. */
  #left = 0
  #hasInterim = false

  constructor(
    request: { readonly method: string; readonly isWebSocket: boolean },
    events: ResponseEvents,
  ) {
    this.#method = request.method
    this.#asksForWebSocket = request.isWebSocket
    this.#events = events
  }

  /** Whether the header section of the final answer has come. */
  get hasHead(): boolean {
    return this.#framing !== undefined
  }

  /** Whether anything of an answer has come. */
  get hasBegun(): boolean {
    return this.hasHead || this.#hasInterim || this.#held.length > 0
  }

  /** Reads on. Not to be called any more once the answer is whole, upgraded or malformed. */
  read(octets: Buffer): ReadingState {
    return this.#framing === undefined
      ? this.#readHead(octets)
      : this.#readBody(octets, 0, this.#framing)
  }

  /** The upstream said its last: whether that was the end of the answer. */
  end(): boolean {
    if (this.#framing?.kind !== 'until_close') return false
    this.#events.onEnd([])
    return true
  }

  #readHead(received: Buffer): ReadingState {
    const octets = this.#held.length === 0 ? received : Buffer.concat([this.#held, received])
    let at = 0
    for (;;) {
      const sectionEnd = octets.indexOf('\r\n\r\n', at, 'latin1')
      if (sectionEnd === -1) return this.#hold(octets, at)
      if (sectionEnd + 4 - at > HEAD_BYTES_MAX) return TOO_LONG
      const head = readResponseHead(octets, { from: at, end: sectionEnd + 2 })
      if (head === undefined) return MALFORMED_HEAD
      at = sectionEnd + 4
      if (head.status === 101) return this.#upgrade(head, octets.subarray(at))
      if (head.status >= 200) return this.#beginBody(head, octets, at)
      this.#hasInterim = true
      this.#events.onInterim()
    }
  }

  /** Keeps the beginning of a section until the rest is there. The octets go, so it is a copy. */
  #hold(octets: Buffer, from: number): ReadingState {
    const held = Buffer.from(octets.subarray(from))
    if (held.length >= HEAD_BYTES_MAX) return TOO_LONG
    this.#held = held
    // Whoever speaks another protocol may wait for us to speak it too.
    const beginning = held.toString('latin1', 0, PROTOCOL.length)
    if (!PROTOCOL.startsWith(beginning) || hasBareLineFeed(held)) return MALFORMED_HEAD
    return UNFINISHED
  }

  #upgrade(head: ResponseHead, rest: Buffer): ReadingState {
    const isAsked = this.#asksForWebSocket && fieldValues(head.fields, 'upgrade').some(isWebSocket)
    if (!isAsked) return UNASKED_UPGRADE
    return { kind: 'upgraded', head, rest: Buffer.from(rest) }
  }

  #beginBody(head: ResponseHead, octets: Buffer, at: number): ReadingState {
    const framing = bodyFraming(head, this.#method)
    if (framing === undefined) return MALFORMED_FRAMING
    this.#framing = framing
    this.#held = NOTHING
    this.#left = framing.kind === 'length' ? framing.length : 0
    this.#events.onHead(head)
    return this.#readBody(octets, at, framing)
  }

  #readBody(octets: Buffer, at: number, framing: BodyFraming): ReadingState {
    switch (framing.kind) {
      case 'none':
        return this.#finish(at < octets.length, [])
      case 'length':
        return this.#readCounted(octets, at)
      case 'chunked':
        return this.#readChunked(octets, at)
      case 'until_close':
        break
    }
    if (at < octets.length) this.#events.onBody(octets.subarray(at))
    return UNFINISHED
  }

  #readCounted(octets: Buffer, at: number): ReadingState {
    const end = Math.min(at + this.#left, octets.length)
    if (end > at) this.#events.onBody(octets.subarray(at, end))
    this.#left -= end - at
    return this.#left > 0 ? UNFINISHED : this.#finish(end < octets.length, [])
  }

  #readChunked(octets: Buffer, at: number): ReadingState {
    this.#chunks ??= new ChunkedReader()
    const end = this.#chunks.read(octets, at, (part) => this.#events.onBody(part))
    if (end === 'unfinished') return UNFINISHED
    if (end === 'malformed') return MALFORMED_CHUNKS
    return this.#finish(end < octets.length, this.#chunks.trailers)
  }

  #finish(hasExcess: boolean, trailers: HeaderFields): ReadingState {
    this.#events.onEnd(trailers)
    return hasExcess ? WHOLE_WITH_EXCESS : WHOLE
  }
}

const PROTOCOL = 'HTTP/1.'
const HEAD_BYTES_MAX = 16_384
const NOTHING = Buffer.alloc(0)

const UNFINISHED: ReadingState = { kind: 'unfinished' }
const WHOLE: ReadingState = { kind: 'whole', hasExcess: false }
const WHOLE_WITH_EXCESS: ReadingState = { kind: 'whole', hasExcess: true }
const TOO_LONG = malformed('the header section is too long')
const MALFORMED_HEAD = malformed('the header section is malformed')
const MALFORMED_FRAMING = malformed('the framing is malformed')
const MALFORMED_CHUNKS = malformed('the chunks are malformed')
const UNASKED_UPGRADE = malformed('an upgrade that was not asked for')

function malformed(reason: string): ReadingState {
  return { kind: 'malformed', reason }
}

/** The end of a section is never seen whose lines end otherwise. */
function hasBareLineFeed(octets: Buffer): boolean {
  let at = octets.indexOf(LINE_FEED)
  while (at !== -1 && octets[at - 1] === CARRIAGE_RETURN) at = octets.indexOf(LINE_FEED, at + 1)
  return at !== -1
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

function isWebSocket(protocol: string): boolean {
  return protocol.toLowerCase() === 'websocket'
}

/** @param end where the empty line begins that ends it. */
function readResponseHead(
  octets: Buffer,
  { from, end }: { readonly from: number; readonly end: number },
): ResponseHead | undefined {
  const line = readStatusLine(octets, from)
  if (line === undefined) return undefined
  const fields = readFieldLines(octets, { from: line.end, end })
  if (fields === undefined) return undefined
  const { minorVersion, status, reasonPhrase } = line
  return { minorVersion, status, reasonPhrase, fields }
}
