import type { EpochMs } from '@keyfence/core'
import type { Clock } from '../fence/clock.ts'
import type { ActivityBatch, DroppedActivity } from './activity-batch.ts'
import { ActivityCollector } from './activity-collector.ts'
import type { Observation } from './observation.ts'

/** What recording needs. */
export interface RecorderOptions {
  readonly sink: ActivitySink
  readonly clock: Clock
  readonly requestId: () => string
  readonly settings: ActivitySettings
  readonly log: RecorderLog
  /** How often is written what was observed, in milliseconds. */
  readonly writeIntervalMs?: number
}

/** Where batches go. */
export interface ActivitySink {
  /** Adds a batch to what is kept. @throws what keeps it from that; the batch is offered again */
  record(batch: ActivityBatch): Promise<void>
  /** Forgets what is too old. */
  forget(): Promise<void>
}

/** The settings of activity. */
export interface ActivitySettings {
  /** How long refusals and what was seen are kept, in days. */
  readonly activityDays: number
  readonly refusalsPerTokenMax: number
  /** Refusals that may wait in memory to be written. */
  readonly activityQueueMax: number
}

/** pino's shape. Never given a path, a domain or an address. */
export interface RecorderLog {
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** What readers of activity ask of the node that they ask. */
export interface ObservedActivity {
  /**
   * Resolves when what this node observed before the call is written, or could not be. Never
   * rejects, and does not wait while the store fails.
   */
  flush(): Promise<void>
  readonly dropped: DroppedActivity
}

/** Records what a node observes. */
export interface ActivityRecorder extends ObservedActivity {
  /** Takes note of one verdict, in memory and without waiting. */
  observe(observation: Observation): void
  /** Forgets what is too old. Done by itself every minute. Never rejects. */
  forget(): Promise<void>
  /** Writes what is left, if the store takes it, and ends. */
  close(): Promise<void>
}

/** What a process that judges nothing has observed. */
export const NOTHING_OBSERVED: ObservedActivity = {
  flush: async () => {},
  dropped: { refusals: 0, counts: 0, seen: 0 },
}

const WRITE_INTERVAL_MS = 1000
/** Writing takes a tenth of the time at most: a slow store makes batches larger, not requests slower. */
const PAUSE_PER_WRITE = 9
const PAUSE_MS_MAX = 10_000
const FORGET_INTERVAL_MS = 60_000
const RETRY_MS_MAX = 60_000
/** With doubling pauses about two minutes. */
const ATTEMPTS_MAX = 8

/** Starts recording: what was observed is written every second or so, each batch in a transaction. */
export function recordActivity(options: RecorderOptions): ActivityRecorder {
  const recorder = new WritingRecorder(options)
  recorder.start()
  return recorder
}

class WritingRecorder implements ActivityRecorder {
  readonly #options: RecorderOptions
  readonly #collector: ActivityCollector
  #writing: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  /** Failures of the oldest batch in a row. */
  #failures = 0
  /** By the monotonic clock. */
  #retryAt = 0
  #forgetAt = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#collector = new ActivityCollector({
      now: () => options.clock.now(),
      requestId: options.requestId,
      refusalsMax: options.settings.activityQueueMax,
      refusalsPerTokenMax: options.settings.refusalsPerTokenMax,
    })
  }

  start(): void {
    this.#forgetAt = this.#monotonicMs() + FORGET_INTERVAL_MS
    this.#schedule(0)
  }

  observe(observation: Observation): void {
    this.#collector.observe(observation)
  }

  get dropped(): DroppedActivity {
    return this.#collector.dropped
  }

  flush(): Promise<void> {
    return this.#next(() => this.#writeAll())
  }

  forget(): Promise<void> {
    return this.#next(() => this.#options.sink.forget())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#retryAt = Number.NEGATIVE_INFINITY
    await this.flush()
    while (this.#collector.oldest !== undefined) this.#collector.drop()
  }

  /** One after another: a batch is never written twice at the same time. */
  #next(work: () => Promise<void>): Promise<void> {
    const { log } = this.#options
    this.#writing = this.#writing
      .then(work)
      .catch((error: unknown) => log.error({ err: error }, 'recording activity failed'))
    return this.#writing
  }

  #schedule(tookMs: number): void {
    const { writeIntervalMs = WRITE_INTERVAL_MS } = this.#options
    const pauseMs = Math.max(writeIntervalMs, Math.min(tookMs * PAUSE_PER_WRITE, PAUSE_MS_MAX))
    this.#timer = setTimeout(() => void this.#writeAndRepeat(), pauseMs)
    this.#timer.unref()
  }

  async #writeAndRepeat(): Promise<void> {
    const began = this.#monotonicMs()
    await this.flush()
    if (began >= this.#forgetAt) {
      this.#forgetAt = began + FORGET_INTERVAL_MS
      await this.forget()
    }
    if (!this.#isClosed) this.#schedule(this.#monotonicMs() - began)
  }

  async #writeAll(): Promise<void> {
    if (this.#monotonicMs() < this.#retryAt) return
    this.#collector.seal()
    while (this.#collector.oldest !== undefined) {
      if (!(await this.#writeOldest())) return
    }
  }

  async #writeOldest(): Promise<boolean> {
    const batch = this.#collector.oldest
    if (batch === undefined) return false
    try {
      await this.#options.sink.record(batch)
    } catch (error) {
      this.#failed(error)
      return false
    }
    this.#failures = 0
    this.#collector.release()
    return true
  }

  #failed(error: unknown): void {
    const { log } = this.#options
    this.#failures++
    this.#retryAt = this.#monotonicMs() + Math.min(500 * 2 ** this.#failures, RETRY_MS_MAX)
    log.warn({ err: error, failures: this.#failures }, 'activity could not be written yet')
    if (this.#failures < ATTEMPTS_MAX) return
    this.#collector.drop()
    this.#failures = 0
    log.error({ dropped: this.dropped }, 'a batch of activity was given up')
  }

  #monotonicMs(): EpochMs {
    return this.#options.clock.monotonicMs()
  }
}
