import type { TokenText } from '@keyfence/core'
import {
  createGuard,
  type Guard,
  type GuardOptions,
  type GuardWorld,
} from '../../guard/src/index.ts'
import type { Clock } from '../src/fence/clock.ts'
import type { Chance } from './chance.ts'
import type { FeedDoor } from './feed-door.ts'
import type { Outcome } from './model.ts'
import type { Link } from './network.ts'
import { type Question, requestOf } from './questions.ts'
import { Owner, type Schedule } from './schedule.ts'
import type { WatchedNode } from './watched-node.ts'

/** The world around a guard. */
export interface GuardSurroundings {
  readonly schedule: Schedule
  readonly chance: Chance
  readonly link: Link
  readonly door: FeedDoor
  readonly maxStalenessMs: number
}

/** Its machine is another than the nodes': its clocks began at another time. */
const WALL_START = Date.parse('2026-11-24T09:30:02Z')
const MONOTONIC_START = 77_000
/** A wait for changes, and what it may take beside. */
const ANSWER_MS_MAX = 35_000

/** The real guard in an application that is killed and started again. */
export class SimulatedGuard implements WatchedNode {
  readonly name = 'guard'
  readonly #around: GuardSurroundings
  #owner = new Owner('guard')
  #guard: Guard | undefined

  constructor(around: GuardSurroundings) {
    this.#around = around
    this.#start()
  }

  get owner(): Owner {
    return this.#owner
  }

  /** Before it has started nobody can ask it. */
  get isStopped(): boolean {
    return this.#guard === undefined || this.#around.schedule.now < this.#owner.heldUntil
  }

  readonly clock: Clock = {
    now: () => WALL_START + this.#around.schedule.now,
    monotonicMs: () => MONOTONIC_START + this.#around.schedule.now,
  }

  decide(secret: TokenText, question: Question): Outcome {
    const decision = this.#guard?.decide({ method: 'GET', ...requestOf(question, secret) })
    if (decision === undefined || decision.effect === 'preflight') throw new TypeError('not asked')
    const { effect, reason } = decision
    return { effect, reason, mark: effect === 'allow' ? decision.metadata['mark'] : undefined }
  }

  freshness(): { readonly staleForMs: number | undefined } {
    return { staleForMs: this.#guard?.freshness().staleForMs }
  }

  /** The application stands still, and goes on after that time. */
  stop(forMs: number): void {
    this.#owner.heldUntil = this.#around.schedule.now + forMs
  }

  /** The application is gone, and starts. */
  crash(): void {
    this.#owner.isGone = true
    this.#owner = new Owner(this.name)
    this.#guard = undefined
    this.#start()
  }

  #start(): void {
    const owner = this.#owner
    const { maxStalenessMs } = this.#around
    const options = {
      url: 'https://keyfence.internal',
      key: `kfm_${'0'.repeat(40)}`,
      maxStalenessMs,
      reportActivity: false,
    }
    void this.#open(owner, options)
  }

  async #open(owner: Owner, options: GuardOptions): Promise<void> {
    const guard = await createGuard(options, this.#world(owner))
    if (!owner.isGone) this.#guard = guard
  }

  /** As its own timeout does, which goes by the machine's time. */
  async #giveUp(owner: Owner): Promise<never> {
    await this.#around.schedule.pause(ANSWER_MS_MAX, owner)
    throw new Error('Keyfence does not answer')
  }

  #world(owner: Owner): GuardWorld {
    const { schedule, chance, link, door } = this.#around
    return {
      ...this.clock,
      fetch: async (url) => {
        const asking = link.ask(owner, () => door.get(url))
        const text = await Promise.race([asking, this.#giveUp(owner)])
        // A connection that breaks off within the page.
        const length = chance.happens(0.03) ? chance.between(0, text.length) : text.length
        return new Response(text.slice(0, length))
      },
      random: () => chance.fraction(),
      randomBytes: (size) => chance.octets(size),
      wait: (ms) => schedule.pause(ms, owner),
    }
  }
}
