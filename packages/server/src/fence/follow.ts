import type { LookUpToken } from '@keyfence/core'
import type { FeedHints, FeedPage, FeedReader, Revision, TokenChange } from './change-feed.ts'
import { NO_HINTS, NO_REVISION } from './change-feed.ts'
import { type Clock, systemTimers, type Timers } from './clock.ts'
import { CopyAge, whileFresh } from './copy-age.ts'
import type { Fence } from './fence.ts'

/** What following needs; times in milliseconds. */
export interface FollowOptions {
  readonly feed: FeedReader
  readonly fence: Fence
  readonly clock: Clock
  readonly pollIntervalMs: number
  readonly maxStalenessMs: number
  /** Told of each failed poll, and of each damaged record. */
  readonly alarm: (event: FollowAlarm) => void
  /** Told of each token that changed. */
  readonly changed: (tokenId: string) => void
  /** Told of each poll that went well, once everything of it is applied. */
  readonly polled?: () => void
  /** Up to where the fence knows the feed already; the beginning if it is not given. */
  readonly from?: FeedPosition | undefined
  /** Where changes are announced, so that not every one waits for the next poll; nowhere if not given. */
  readonly hints?: FeedHints
  /** Told of every poll; one of its own if it is not given. */
  readonly age?: CopyAge
  /** The machine's own if they are not given. */
  readonly timers?: Timers
  /** How much is read and applied at once; given by simulations, so that few changes make pages. */
  readonly portions?: FeedPortions
}

/** In changes. */
export interface FeedPortions {
  readonly pageLength: number
  readonly appliedAtOnce: number
}

/** A place in a feed. */
export interface FeedPosition {
  readonly epoch: string
  readonly revision: Revision
}

export type FollowAlarm =
  | { readonly kind: 'poll_failed'; readonly error: unknown }
  | { readonly kind: 'record_unreadable'; readonly tokenId: string; readonly because: string }

/** How far a node's copy of the tokens is. */
export interface Freshness {
  readonly revision: Revision
  /** How long ago the last successful poll began; `undefined` before the first. */
  readonly staleForMs: number | undefined
  readonly isFresh: boolean
}

/** A fence that follows the feed. */
export interface Follower {
  /** As the fence says, and `unavailable` before the first copy or once it is older than allowed. */
  readonly lookUp: LookUpToken
  /** Resolves when everything committed before the call has been applied. @throws what the feed throws */
  catchUp(): Promise<void>
  freshness(): Freshness
  /** Resolves when the next poll has ended, whether it read anything or failed. Never rejects. */
  nextPoll(): Promise<void>
  /** Up to where the fence knows the feed at this moment; `undefined` before the first poll. */
  readonly position: FeedPosition | undefined
  /** Ends following; a running poll is waited for. */
  close(): Promise<void>
}

/**
 * Requests wait for as long as a portion takes. In pages of 2,000, each with 100 applied at once, the
 * slowest in a hundred took 200 ms while 10,000 tokens were revoked; in these it takes 80. A first copy takes
 * as long in either.
 */
const PORTIONS: FeedPortions = { pageLength: 400, appliedAtOnce: 25 }

/**
 * Starts following: polls at once and then every `pollIntervalMs`. A failed poll is tried again at
 * the next turn; until then what is known is decided (design §4).
 */
export function follow(options: FollowOptions): Follower {
  const follower = new FeedFollower(options)
  follower.start()
  return follower
}

class FeedFollower implements Follower {
  readonly #options: FollowOptions
  readonly #timers: Timers
  readonly #portions: FeedPortions
  /** Since the last successful poll began. */
  readonly #age: CopyAge
  readonly lookUp: LookUpToken
  #revision: Revision
  #epoch: string | undefined
  #poll: Promise<void> = Promise.resolve()
  #polled = Promise.withResolvers<void>()
  #endWaiting: () => void = () => {}
  #stopListening: () => Promise<void> = async () => {}
  #isLooking = false
  #isClosed = false

  constructor(options: FollowOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#portions = options.portions ?? PORTIONS
    this.#age = options.age ?? new CopyAge()
    this.#revision = options.from?.revision ?? NO_REVISION
    this.#epoch = options.from?.epoch
    this.lookUp = whileFresh((token) => options.fence.lookUp(token), this.#age, options)
  }

  start(): void {
    this.#pollAndRepeat()
    this.#stopListening = (this.#options.hints ?? NO_HINTS).listen(() => this.#look())
  }

  /** Behind the polls that run already: one that began earlier may have read an older moment. */
  catchUp(): Promise<void> {
    this.#poll = this.#poll
      .catch(() => {})
      .then(() => this.#pollOnce())
      .finally(() => this.#endTurn())
    return this.#poll
  }

  nextPoll(): Promise<void> {
    return this.#polled.promise
  }

  freshness(): Freshness {
    const { clock } = this.#options
    return {
      revision: this.#revision,
      staleForMs: this.#age.ageMs(clock),
      isFresh: this.#age.isFresh(this.#options),
    }
  }

  get position(): FeedPosition | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, revision: this.#revision }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#endWaiting()
    await this.#stopListening()
    await this.#poll.catch(() => {})
  }

  /** However many announcements come meanwhile: a poll that waits for its turn reads all of them. */
  #look(): void {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    const turn = this.#poll.catch(() => {})
    void turn.then(() => {
      this.#isLooking = false
      // If it fails, the next turn of the timer says so.
      return this.catchUp().catch(() => {})
    })
  }

  #pollAndRepeat(): void {
    const { alarm, pollIntervalMs } = this.#options
    this.catchUp()
      .catch((error: unknown) => alarm({ kind: 'poll_failed', error }))
      .finally(() => {
        if (this.#isClosed) return
        this.#endWaiting = this.#timers.after(pollIntervalMs, () => this.#pollAndRepeat())
      })
  }

  #endTurn(): void {
    const { resolve } = this.#polled
    this.#polled = Promise.withResolvers<void>()
    resolve()
  }

  async #pollOnce(): Promise<void> {
    const { feed, fence, clock } = this.#options
    const { pageLength } = this.#portions
    const began = { wall: clock.now(), monotonic: clock.monotonicMs() }
    let reading = feed.read(this.#revision, pageLength)
    for (;;) {
      const page = await reading
      if (this.#isOtherFeed(page.epoch, page.head)) {
        // A restored or failed-over store may hide a revocation: nothing known before counts.
        this.#age.set(undefined)
        fence.clear()
        this.#revision = NO_REVISION
        this.#epoch = page.epoch
        reading = feed.read(NO_REVISION, pageLength)
        continue
      }
      this.#epoch = page.epoch
      const { next } = page
      if (next !== undefined) {
        // The store reads the next page while this one is compiled. It is asked within this turn: asked
        // behind what this page begins with, its thread had nothing to do for a quarter of a first copy.
        reading = readAhead(feed.read(next, pageLength))
        await this.#timers.nextTurn()
      }
      await this.#applyAll(page.changes)
      if (next === undefined) break
    }
    this.#age.set(began)
    this.#options.polled?.()
  }

  #isOtherFeed(epoch: string, head: Revision): boolean {
    if (this.#epoch === undefined) return false
    return epoch !== this.#epoch || head < this.#revision
  }

  /** With pauses, in which requests are decided and the store's thread is asked on. */
  async #applyAll(changes: readonly TokenChange[]): Promise<void> {
    const { appliedAtOnce } = this.#portions
    for (const [at, change] of changes.entries()) {
      if (at > 0 && at % appliedAtOnce === 0) await this.#timers.nextTurn()
      this.#apply(change)
    }
  }

  #apply(change: TokenChange): void {
    const { fence, alarm, changed } = this.#options
    if (!fence.apply(change)) {
      const because = change.kind === 'unreadable' ? change.because : 'restrictions'
      alarm({ kind: 'record_unreadable', tokenId: change.tokenId, because })
    }
    this.#revision = change.revision
    changed(change.tokenId)
  }
}

/** It may fail while nobody waits for it yet, and what nobody waits for would end the process. */
function readAhead(reading: Promise<FeedPage>): Promise<FeedPage> {
  reading.catch(() => {})
  return reading
}
