/** What is attempted. */
export interface AttemptOptions {
  readonly attempt: () => Promise<void>
  /** From 0 up to 1. */
  readonly random: () => number
  /** Told of each attempt that failed. */
  readonly failed: (error: unknown) => void
}

/** Attempts something until it is done once, after pauses of 0.1 to 5 seconds by chance. */
export class RepeatedAttempt {
  readonly #options: AttemptOptions
  #isDone = false
  #isClosed = false
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: AttemptOptions) {
    this.#options = options
  }

  get isDone(): boolean {
    return this.#isDone
  }

  start(): void {
    if (this.#isClosed) return
    const pauseMs = pauseAfter(this.#failures, this.#options.random())
    this.#timer = setTimeout(() => {
      this.#running = this.#attemptOnce()
    }, pauseMs)
  }

  /** Attempts nothing more; one that runs is waited for. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #attemptOnce(): Promise<void> {
    const { attempt, failed } = this.#options
    try {
      await attempt()
      this.#isDone = true
    } catch (error) {
      this.#failures += 1
      failed(error)
      this.start()
    }
  }
}

const PAUSE_MS_MIN = 100
const PAUSE_MS_MAX = 5000
/** For a minute or so: what is back soon is found soon, and what stays away is not asked all the time. */
const EARLY_FAILURES = 100
const EARLY_PAUSE_MS_MAX = 1000

function pauseAfter(failures: number, random: number): number {
  const longestMs = failures < EARLY_FAILURES ? EARLY_PAUSE_MS_MAX : PAUSE_MS_MAX
  return PAUSE_MS_MIN + random * (longestMs - PAUSE_MS_MIN)
}
