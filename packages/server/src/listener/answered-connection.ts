import type { Socket } from 'node:net'
import type { Answer } from '@keyfence/core'
import type { DoorLog } from '../enforcement/door-context.ts'
import { answerText, dateText } from '../http1/answer-text.ts'
import { type ReadRequest, RequestReader } from '../http1/request-reader.ts'
import type { DataListenerLimits } from './data-listener.ts'
import { failureAnswer, type FailureStatus } from './own-answer.ts'

/** What an answering listener grants each of its connections. */
export interface ConnectionTerms {
  /** Answers a request at once. What it throws is answered with 503. */
  readonly answer: (request: ReadRequest, peer: string | undefined) => Answer
  readonly limits: Pick<DataListenerLimits, 'headerBytesMax'>
  /** For a head to arrive; 0: no limit. */
  readonly headMs: number
  /** How long an idle connection is kept; 0: no limit. */
  readonly keepAliveMs: number
  /** What `Keep-Alive` tells of it. */
  readonly keepAliveS: number | undefined
  readonly log: DoorLog
  /** Whether the listener closes: each answer is then the last of its connection. */
  isDraining: boolean
}

/**
 * A connection whose requests are answered in order, each as soon as its head has come. Nothing is
 * read while a caller does not take its answers, so they do not pile up here.
 */
export class AnsweredConnection {
  readonly #socket: Socket
  readonly #terms: ConnectionTerms
  readonly #reader: RequestReader
  readonly #peer: string | undefined
  #phase: Phase = 'receiving'
  /** When the phase began, on the clock of `performance.now`. */
  #since = performance.now()
  #hasCallerEnded = false

  constructor(socket: Socket, terms: ConnectionTerms) {
    this.#socket = socket
    this.#terms = terms
    this.#reader = new RequestReader(terms.limits)
    this.#peer = socket.remoteAddress
    socket.on('data', (octets: Buffer) => this.#take(octets))
    socket.on('drain', () => this.#continue('stalled'))
    socket.on('end', () => this.#endOfCaller())
    // Without a listener an error would end the process; `close` follows.
    socket.on('error', () => socket.destroy())
  }

  /** Whether nothing of a request has come that is not answered. */
  get isIdle(): boolean {
    return this.#phase === 'idle' || (this.#phase === 'receiving' && this.#reader.isBlank)
  }

  /** Whether its time is up, whatever it is doing. */
  isOverdue(now: number): boolean {
    const { headMs, keepAliveMs } = this.#terms
    const forMs = now - this.#since
    switch (this.#phase) {
      case 'receiving':
        return headMs !== 0 && forMs >= headMs
      case 'idle':
      case 'stalled':
        return keepAliveMs !== 0 && forMs >= keepAliveMs + KEEP_ALIVE_GRACE_MS
      case 'waiting':
        return false
      case 'closing':
        return forMs >= LINGER_MS
      default:
        return this.#phase satisfies never
    }
  }

  /** Ends it because its time is up: who sends a head too slowly is told so. */
  dismiss(): void {
    if (this.#phase === 'receiving') this.#close(this.#failureText(408))
    else this.#socket.destroy()
  }

  /** Ends it at once, whatever it is doing. */
  cut(): void {
    this.#socket.destroy()
  }

  #take(octets: Buffer): void {
    if (this.#phase === 'closing') return
    if (this.#phase === 'idle') this.#enter('receiving')
    this.#reader.add(octets)
    this.#answerSome()
  }

  /** Answers what is complete, in one write, and not so much that other callers would wait. */
  #answerSome(): void {
    let text = ''
    let answered = 0
    let isLast = false
    while (answered < ANSWERS_PER_TURN && !isLast) {
      const reading = this.#reader.next()
      if (reading === 'incomplete' || reading === 'over') break
      if (typeof reading === 'string') {
        isLast = true
        text += this.#failureText(reading === 'too_large' ? 431 : 400)
      } else {
        isLast = reading.isLast || this.#terms.isDraining
        text += this.#textFor(reading, isLast)
      }
      answered++
    }
    if (isLast) this.#close(text)
    else if (answered > 0) this.#write(text, answered === ANSWERS_PER_TURN)
    if (this.#hasCallerEnded) this.#followCaller()
  }

  #textFor(request: ReadRequest, isLast: boolean): string {
    const { keepAliveS, log } = this.#terms
    const isHead = request.method === 'HEAD'
    const ending = { isHead, isLast, keepAliveS, date: dateText(Date.now()) }
    try {
      return answerText(this.#answerTo(request), ending)
    } catch (error) {
      log.error({ err: error }, 'a request could not be judged')
      return answerText(failureAnswer(503, undefined), ending)
    }
  }

  #answerTo(request: ReadRequest): Answer {
    // Through a tunnel nothing can be judged.
    if (request.method === 'CONNECT') return failureAnswer(405, undefined)
    if (request.expectation === 'something_else') return failureAnswer(417, undefined)
    return this.#terms.answer(request, this.#peer)
  }

  #failureText(status: FailureStatus): string {
    const date = dateText(Date.now())
    const ending = { isHead: false, isLast: true, keepAliveS: undefined, date }
    return answerText(failureAnswer(status, undefined), ending)
  }

  #write(text: string, isMoreLikely: boolean): void {
    const isTaken = this.#socket.write(text, 'latin1')
    if (!isTaken) {
      this.#enter('stalled')
      this.#socket.pause()
    } else if (isMoreLikely) {
      this.#enter('waiting')
      this.#socket.pause()
      setImmediate(() => this.#continue('waiting'))
    } else {
      this.#enter(this.#reader.isBlank ? 'idle' : 'receiving')
    }
  }

  /** Goes on where it stopped, unless something else has happened meanwhile. */
  #continue(stoppedAs: 'stalled' | 'waiting'): void {
    if (this.#phase !== stoppedAs || this.#socket.destroyed) return
    this.#enter(this.#reader.isBlank ? 'idle' : 'receiving')
    this.#socket.resume()
    this.#answerSome()
  }

  #endOfCaller(): void {
    this.#hasCallerEnded = true
    this.#followCaller()
  }

  /** Nothing more will come: what has come in part is no request. */
  #followCaller(): void {
    if (this.#phase === 'idle') this.#close('')
    else if (this.#phase === 'receiving') {
      this.#close(this.#reader.isBlank ? '' : this.#failureText(400))
    }
  }

  /**
   * Sends the last octets. What the caller still sends is read and dropped for a while: closed over
   * unread octets a connection is reset, and the caller may lose the answer (RFC 9112 §9.6).
   */
  #close(text: string): void {
    this.#enter('closing')
    if (text === '') this.#socket.end()
    else this.#socket.end(text, 'latin1')
    this.#socket.resume()
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#since = performance.now()
  }
}

/** What a connection is doing: only one that waits for octets reads them. */
type Phase =
  /** A head, which may not have begun on a new connection. */
  | 'receiving'
  /** Between two requests. */
  | 'idle'
  /** The caller does not take its answers. */
  | 'stalled'
  /** It has had its share of this turn. */
  | 'waiting'
  /** The last answer is on its way, or has gone. */
  | 'closing'

/** Pipelined requests that are answered before others get their turn. */
const ANSWERS_PER_TURN = 32

/** Beyond what `Keep-Alive` tells, for a request that is on its way by then (Node grants the same). */
const KEEP_ALIVE_GRACE_MS = 1000

/** How long a caller has for taking the last answer and closing its side. */
const LINGER_MS = 1000
