import type { FeedHints, FeedPage, FeedReader } from '../src/fence/change-feed.ts'
import type { Chance } from './chance.ts'
import { Owner, type Schedule } from './schedule.ts'

/** How bad the ways between nodes and the store are; drawn once for a run. */
export interface NetworkQuality {
  readonly delayMsMax: number
  readonly lossProbability: number
  readonly hintLossProbability: number
}

/** A connection that is refused fails at once; an answer that does not come is waited for. */
const REFUSED_MS_MAX = 20
const GIVES_UP_MS_MAX = 30_000

/** What carries on when the one who asked is gone: requests that are under way. */
const UNDER_WAY = new Owner('network')

/** One node's way to the store. */
export class Link {
  readonly #schedule: Schedule
  readonly #chance: Chance
  readonly #quality: NetworkQuality
  /** Until then nothing comes through. */
  cutUntil = 0
  /** Until then each answer takes this much longer. */
  slow: { readonly untilMs: number; readonly byMs: number } = { untilMs: 0, byMs: 0 }
  isPerfect = false

  constructor(schedule: Schedule, chance: Chance, quality: NetworkQuality) {
    this.#schedule = schedule
    this.#chance = chance
    this.#quality = quality
  }

  /** Asks the store for something: it may be late or lost on its way there, or on its way back. */
  async ask<Answer>(owner: Owner, answer: () => Promise<Answer>): Promise<Answer> {
    if (this.#isLost()) return this.#giveUp(owner)
    await this.#schedule.pause(this.#delayMs(), UNDER_WAY)
    const answered = await answer()
    if (this.#isLost()) return this.#giveUp(owner)
    await this.#schedule.pause(this.#delayMs(), owner)
    return answered
  }

  /** The feed as this node reads it. */
  feed(owner: Owner, feed: FeedReader): FeedReader {
    return {
      read: (after, limit): Promise<FeedPage> => this.ask(owner, () => feed.read(after, limit)),
    }
  }

  /** Hints that come late, twice or not at all. */
  hint(owner: Owner, look: () => void): void {
    const { hintLossProbability } = this.#quality
    for (const probability of [1 - hintLossProbability, 0.1]) {
      if (!this.#chance.happens(probability) || this.#isCut()) continue
      this.#schedule.after(this.#delayMs(), owner, look)
    }
  }

  async #giveUp(owner: Owner): Promise<never> {
    const longestMs = this.#chance.pick([REFUSED_MS_MAX, GIVES_UP_MS_MAX])
    await this.#schedule.pause(this.#chance.between(0, longestMs), owner)
    throw new Error('the store does not answer')
  }

  #isLost(): boolean {
    // Drawn in any case, so that what is drawn later does not depend on it.
    const isLost = this.#chance.happens(this.#quality.lossProbability)
    return !this.isPerfect && (isLost || this.#isCut())
  }

  #isCut(): boolean {
    return !this.isPerfect && this.#schedule.now < this.cutUntil
  }

  #delayMs(): number {
    const delayMs = this.#chance.between(0, this.#quality.delayMsMax)
    if (this.isPerfect) return 1
    return this.#schedule.now < this.slow.untilMs ? delayMs + this.slow.byMs : delayMs
  }
}

/** Who is told of commits. */
export class Announcer {
  readonly #listeners = new Set<() => void>()

  announce(): void {
    for (const listener of this.#listeners) listener()
  }

  hints(owner: Owner, link: Link): FeedHints {
    return {
      listen: (look) => {
        const listener = (): void => {
          if (!owner.isGone) link.hint(owner, look)
        }
        this.#listeners.add(listener)
        return async () => {
          this.#listeners.delete(listener)
        }
      },
    }
  }
}
