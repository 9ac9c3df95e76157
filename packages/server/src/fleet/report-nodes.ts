import type { Clock } from '../fence/clock.ts'
import type { FeedPosition } from '../fence/follow.ts'
import type { NodeIdentity, NodeProgress, NodeReport, NodeStore } from './fleet-node.ts'

/** What reporting needs; times in milliseconds. */
export interface ReportOptions {
  readonly nodes: Pick<NodeStore, 'report' | 'leave' | 'forget'>
  readonly self: NodeIdentity
  /** How far this node is now. */
  readonly progress: () => NodeProgress
  readonly maxStalenessMs: number
  readonly clock: Clock
  readonly log: ReportLog
}

/** pino's shape. */
export interface ReportLog {
  info(message: string): void
  warn(facts: object, message: string): void
}

/** A guard that asked this node for changes. */
export interface AskingGuard {
  readonly identity: NodeIdentity
  /** Behind which it asks for more: it has applied everything before. */
  readonly position: FeedPosition | undefined
  /** For how long it decides after it last asked. */
  readonly maxStalenessMs: number
}

/** However busy the store is, a node writes no more often. */
const INTERVAL_MS = 1000
/** For how long a node that is gone is still listed. */
const LISTED_MS = 24 * 60 * 60 * 1000

/**
 * How long a node counts after a report. It decides for `maxStalenessMs` after a poll, and reports at
 * each poll that comes a quarter of it after the last report: so the lease outlives its last decision.
 */
export function leaseMsOf(maxStalenessMs: number): number {
  return maxStalenessMs * 1.5
}

function renewalMsOf(maxStalenessMs: number): number {
  return maxStalenessMs / 4
}

interface Reported {
  readonly position: FeedPosition | undefined
  readonly isDraining: boolean
  readonly atMs: number
}

interface FollowedGuard {
  readonly asked: AskingGuard
  readonly askedAtMs: number
  readonly reported: Reported | undefined
  /** Whether it has asked since it was last reported. */
  readonly hasAsked: boolean
}

/**
 * Says in the store how far this node is, and the guards that ask it. No decision waits for it and none
 * fails with it: a report that fails is counted, and written with the next.
 */
export class NodeReporter {
  readonly #options: ReportOptions
  readonly #guards = new Map<string, FollowedGuard>()
  #reported: Reported | undefined
  #isFailing = false
  #failures = 0
  #beganAtMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: ReportOptions) {
    this.#options = options
  }

  get self(): NodeIdentity {
    return this.#options.self
  }

  /** How many reports could not be written. */
  get failures(): number {
    return this.#failures
  }

  /**
   * Reports for the first time. Await it before the feed is read: whoever waits for all nodes then either
   * sees this one, or has committed before it reads. Never rejects.
   */
  async register(): Promise<void> {
    await this.flush()
    await this.#options.nodes.forget(LISTED_MS).catch(() => {})
  }

  /** To be called after each successful poll: reports soon, if there is something to say. */
  look(): void {
    if (this.#timer !== undefined || this.#due().length === 0) return
    const waitMs = this.#beganAtMs + INTERVAL_MS - this.#options.clock.monotonicMs()
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        void this.flush()
      },
      Math.max(0, waitMs),
    )
    this.#timer.unref()
  }

  /** A guard that asks for the first time is known to all before it is answered. Never rejects. */
  async asked(guard: AskingGuard): Promise<void> {
    const askedAtMs = this.#options.clock.monotonicMs()
    const before = this.#guards.get(guard.identity.id)
    const reported = before?.reported
    this.#guards.set(guard.identity.id, {
      asked: guard,
      askedAtMs,
      reported,
      hasAsked: true,
    })
    if (before === undefined) await this.flush()
    else this.look()
  }

  /** Writes now what is due. Never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  /** This node decides nothing any more. Never rejects. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    await this.#options.nodes.leave([this.self.id]).catch(() => {})
  }

  async #write(): Promise<void> {
    const { nodes, clock } = this.#options
    const atMs = clock.monotonicMs()
    this.#beganAtMs = atMs
    const due = this.#due()
    if (due.length === 0) return
    try {
      await nodes.report(due)
      for (const { id, position, isDraining } of due) {
        this.#note(id, { position, isDraining, atMs })
      }
      if (this.#isFailing) this.#options.log.info('this node is known to the others again')
      this.#isFailing = false
    } catch (error) {
      this.#failures += 1
      if (!this.#isFailing) this.#options.log.warn({ err: error }, UNKNOWN_TO_OTHERS)
      this.#isFailing = true
    }
  }

  #note(id: string, reported: Reported): void {
    if (id === this.self.id) {
      this.#reported = reported
      return
    }
    const guard = this.#guards.get(id)
    if (guard === undefined) return
    // It may have asked behind another place while the report was written.
    const hasAsked = guard.asked.position !== reported.position
    this.#guards.set(id, { ...guard, reported, hasAsked })
  }

  #due(): readonly NodeReport[] {
    const { self, progress, maxStalenessMs } = this.#options
    const own = { ...self, ...progress(), leaseMs: leaseMsOf(maxStalenessMs) }
    const due: NodeReport[] = this.#isDue(own, this.#reported, maxStalenessMs) ? [own] : []
    for (const guard of this.#liveGuards()) {
      const { identity, position, maxStalenessMs: ofGuard } = guard.asked
      const report = {
        ...identity,
        position,
        copyAgeMs: undefined,
        isDraining: false,
        leaseMs: leaseMsOf(ofGuard),
      }
      if (guard.hasAsked && this.#isDue(report, guard.reported, ofGuard)) due.push(report)
    }
    return due
  }

  #isDue(now: NodeProgress, before: Reported | undefined, maxStalenessMs: number): boolean {
    if (before === undefined || before.isDraining !== now.isDraining) return true
    const { position } = now
    if (position?.epoch !== before.position?.epoch) return true
    if (position?.revision !== before.position?.revision) return true
    return this.#options.clock.monotonicMs() - before.atMs >= renewalMsOf(maxStalenessMs)
  }

  /** One that has not asked for longer than its lease is not this node's to report. */
  #liveGuards(): readonly FollowedGuard[] {
    const nowMs = this.#options.clock.monotonicMs()
    for (const [id, { asked, askedAtMs }] of this.#guards) {
      if (nowMs - askedAtMs > leaseMsOf(asked.maxStalenessMs)) this.#guards.delete(id)
    }
    return [...this.#guards.values()]
  }
}

const UNKNOWN_TO_OTHERS = 'the store was not told how far this node is: nobody waits for it'
