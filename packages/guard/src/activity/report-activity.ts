import type { EpochMs } from '@keyfence/core'
import type { GuardAlarm } from '../feed/follow-feed.ts'
import type { KeyfenceAddress } from '../feed/read-feed.ts'
import type { GuardWorld } from '../guard/guard-world.ts'
import { MINUTE_MS } from './activity-report.ts'
import { MinuteTally, type Observation } from './minute-tally.ts'

/** What reporting needs. */
export interface ReporterOptions {
  readonly keyfence: KeyfenceAddress
  readonly world: GuardWorld
  readonly alarm: (alarm: GuardAlarm) => void
}

const INTERVAL_MS = 10_000
const ANSWER_MS_MAX = 15_000
/** Reports that wait while Keyfence is away, at some hundred kilobytes each when they are full. */
const WAITING_MAX = 32

/** A report that waits, under the name that makes a repetition harmless. */
interface WaitingReport {
  readonly tally: MinuteTally
  readonly idempotencyKey: string
}

/** Tells Keyfence in batches what was decided. Nothing waits for it, and nothing depends on it. */
export class ActivityReporter {
  readonly #options: ReporterOptions
  readonly #closing = new AbortController()
  readonly #waiting: WaitingReport[] = []
  #current: MinuteTally | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Takes note of one verdict, in memory. */
  observe(observation: Observation, now: EpochMs): void {
    if (this.#current?.isOpenAt(now) !== true) this.#seal()
    this.#current ??= new MinuteTally(now - (now % MINUTE_MS))
    this.#current.add(observation, now)
  }

  /** Sends what there is, oldest first. Never rejects; what could not be sent waits. */
  async flush(): Promise<void> {
    this.#seal()
    for (;;) {
      const [oldest] = this.#waiting
      if (oldest === undefined || !(await this.#send(oldest))) return
      // Another may have been dropped meanwhile, and this one with it.
      if (this.#waiting[0] === oldest) this.#waiting.shift()
    }
  }

  /** Sends what is left, once, and ends. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    await this.flush()
  }

  async #run(): Promise<void> {
    const { world } = this.#options
    const { signal } = this.#closing
    for (;;) {
      await world.wait(INTERVAL_MS / 2 + (world.random() * INTERVAL_MS) / 2, signal)
      if (signal.aborted) return
      await this.flush()
    }
  }

  #seal(): void {
    if (this.#current === undefined) return
    const { world } = this.#options
    const octets = [...world.randomBytes(16)]
    const idempotencyKey = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')
    this.#waiting.push({ tally: this.#current, idempotencyKey })
    this.#current = undefined
    if (this.#waiting.length > WAITING_MAX) this.#drop(this.#waiting.shift())
  }

  /** @returns whether it is done with: taken, or refused for good. */
  async #send(report: WaitingReport): Promise<boolean> {
    const { keyfence, world } = this.#options
    try {
      const answer = await world.fetch(`${keyfence.url}/v1/activity`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${keyfence.key}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': report.idempotencyKey,
        },
        body: JSON.stringify(report.tally.toReport()),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        redirect: 'manual',
      })
      await answer.body?.cancel()
      if (answer.ok) return true
      const isForGood = answer.status === 400 || answer.status === 413 || answer.status === 422
      if (isForGood) this.#drop(report)
      return isForGood
    } catch {
      return false
    }
  }

  #drop(report: WaitingReport | undefined): void {
    if (report === undefined) return
    this.#options.alarm({ kind: 'activity_dropped', calls: report.tally.calls })
  }
}
