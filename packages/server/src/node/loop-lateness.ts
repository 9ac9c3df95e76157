import { type Clock, systemTimers, type Timers } from '../fence/clock.ts'

/** Later than this, and load balancers are told to go elsewhere. */
const LATE_MS = 200
/** That late twice by what it passes on, and that is turned away: each one served makes it later. */
const OVERLOADED_MS = 1000
/** In one turn. Where there were fewer, something else makes it late, and turning away helps nobody. */
const OVERLOADED_BY = 200
/** Between the two: once is a machine that stood still, and what waited for it is served. */
const OVERLOADED_WITHIN_MS = 5000
/** How long either holds after the last turn that was so late. */
const HOLDS_MS = 1000
/** Between two turns that are measured. */
const TURN_MS = 50

/**
 * How late the event loops of a node's threads are, in memory that the threads share: a thread that
 * does nothing but be late is seen by the others all the same.
 */
export class LoopLateness {
  readonly memory: SharedArrayBuffer
  readonly #cells: BigInt64Array

  /** @param of how many threads there are, or the memory of another one's. */
  constructor(of: number | SharedArrayBuffer) {
    this.memory = typeof of === 'number' ? new SharedArrayBuffer(bytesFor(of)) : of
    this.#cells = new BigInt64Array(this.memory)
  }

  /** Whether a thread was too late within the last second, or is. @param nowMs monotonic */
  isLate(nowMs: number): boolean {
    for (let at = OF_THREADS; at < this.#cells.length; at += CELLS_OF_THREAD) {
      const dueMs = this.#read(at + DUE)
      if (nowMs < this.#read(at + LATE_UNTIL) || (dueMs > 0 && nowMs - dueMs > LATE_MS)) return true
    }
    return false
  }

  /** By how much turns were late that were too late, of all threads since the start. */
  get lateMs(): number {
    return this.#read(LATE_SUM)
  }

  /** How many requests were turned away for it. */
  get shed(): number {
    return this.#read(SHED)
  }

  /** Says when the next turn of a thread is due. */
  expect(thread: number, dueMs: number): void {
    this.#write(cellOf(thread) + DUE, dueMs)
  }

  /** Says that a thread was that much too late. */
  noteLate(thread: number, { lateMs, nowMs }: { lateMs: number; nowMs: number }): void {
    this.#write(cellOf(thread) + LATE_UNTIL, nowMs + HOLDS_MS)
    Atomics.add(this.#cells, LATE_SUM, whole(lateMs))
  }

  noteShed(): void {
    Atomics.add(this.#cells, SHED, 1n)
  }

  /** Says that a thread has ended: nothing of it is late. */
  forget(thread: number): void {
    this.#write(cellOf(thread) + DUE, 0)
    this.#write(cellOf(thread) + LATE_UNTIL, 0)
  }

  #read(cell: number): number {
    return Number(Atomics.load(this.#cells, cell))
  }

  #write(cell: number, ms: number): void {
    Atomics.store(this.#cells, cell, whole(ms))
  }
}

/** What measuring needs. */
export interface LoopWatchOptions {
  readonly lateness: LoopLateness
  /** Which of the node's threads this is. */
  readonly thread: number
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly timers?: Timers
}

/** Measures the event loop of the thread that it runs in, from its making on. */
export class LoopWatch {
  readonly #options: LoopWatchOptions
  readonly #timers: Timers
  #dueMs = 0
  #overloadedAtMs = Number.NEGATIVE_INFINITY
  #shedsUntilMs = Number.NEGATIVE_INFINITY
  /** By the last turn: it is asked at every request. */
  #isShedding = false
  /** Since the last turn. */
  #asked = 0
  #endWaiting: () => void = () => {}

  constructor(options: LoopWatchOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#await()
  }

  /** Whether a request that may pass is to be turned away. Asked once for each: it is counted. */
  sheds(): boolean {
    this.#asked++
    if (this.#isShedding) this.#options.lateness.noteShed()
    return this.#isShedding
  }

  close(): void {
    this.#endWaiting()
    this.#options.lateness.forget(this.#options.thread)
  }

  #await(): void {
    const { lateness, thread, clock } = this.#options
    this.#dueMs = clock.monotonicMs() + TURN_MS
    lateness.expect(thread, this.#dueMs)
    this.#endWaiting = this.#timers.after(TURN_MS, () => {
      this.#measure()
      this.#await()
    })
  }

  #measure(): void {
    const { lateness, thread, clock } = this.#options
    const nowMs = clock.monotonicMs()
    const lateMs = nowMs - this.#dueMs
    if (lateMs > LATE_MS) lateness.noteLate(thread, { lateMs, nowMs })
    if (lateMs > OVERLOADED_MS && this.#asked >= OVERLOADED_BY) {
      const sinceMs = nowMs - lateMs - this.#overloadedAtMs
      if (sinceMs <= OVERLOADED_WITHIN_MS) this.#shedsUntilMs = nowMs + HOLDS_MS
      this.#overloadedAtMs = nowMs
    }
    this.#asked = 0
    this.#isShedding = nowMs < this.#shedsUntilMs
  }
}

/** What is counted of all threads, and behind it the cells of each. */
const LATE_SUM = 0
const SHED = 1
const OF_THREADS = 2
const DUE = 0
const LATE_UNTIL = 1
const CELLS_OF_THREAD = 2

function cellOf(thread: number): number {
  return OF_THREADS + thread * CELLS_OF_THREAD
}

function bytesFor(threads: number): number {
  return cellOf(threads) * BigInt64Array.BYTES_PER_ELEMENT
}

function whole(ms: number): bigint {
  return BigInt(Math.round(ms))
}
