import { CopyAge, type Moment, momentNow } from '../copy/copy-age.ts'
import type { TokenCopy } from '../copy/token-copy.ts'
import type { GuardWorld } from '../guard/guard-world.ts'
import type { FeedPage } from './feed-page.ts'
import {
  FeedError,
  type FeedPosition,
  type FeedQuestion,
  type GuardNode,
  type KeyfenceAddress,
  readFeed,
} from './read-feed.ts'

/** What a guard tells of what went wrong; never a token, hash or key. */
export type GuardAlarm =
  /** The feed could not be read; it is tried again. */
  | { readonly kind: 'feed_failed'; readonly message: string; readonly failures: number }
  /** Keyfence does not take the key: it is unknown, revoked, or has not the scope `feed`. */
  | { readonly kind: 'key_refused'; readonly status: number }
  /** Another store answers, or a restored one: everything is read again. */
  | { readonly kind: 'feed_restarted' }
  /** A record is damaged: its token alone is refused. */
  | { readonly kind: 'record_unreadable'; readonly tokenId: string }
  | { readonly kind: 'snapshot_unusable'; readonly because: string }
  | { readonly kind: 'activity_dropped'; readonly calls: number }

/** What following needs. */
export interface FollowOptions {
  readonly keyfence: KeyfenceAddress
  readonly copy: TokenCopy
  readonly world: GuardWorld
  readonly maxStalenessMs: number
  readonly alarm: (alarm: GuardAlarm) => void
  /** Told of each page as it was applied; `isFirst`: everything before it counts no more. */
  readonly applied: (page: FeedPage, isFirst: boolean) => void
  /** Told of each moment at which the copy was whole. */
  readonly whole: (moment: Moment) => void
}

const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 10_000
/** Between two polls that went well: a busy store must not make a guard ask without a pause. */
const PAUSE_MS_MAX = 50
const WAIT_SECONDS_MAX = 20

const NOT_YET = (): void => {}

/** A copy of all tokens that follows the feed. */
export class FeedFollower {
  readonly age = new CopyAge()
  readonly #options: FollowOptions
  readonly #node: GuardNode
  readonly #closing = new AbortController()
  /** Resolves with the first whole copy. */
  readonly ready: Promise<void>
  #becomeReady: () => void = NOT_YET
  #position: FeedPosition | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: FollowOptions) {
    this.#options = options
    const { world, maxStalenessMs } = options
    this.#node = { id: nodeId(world), maxStalenessMs: Math.ceil(maxStalenessMs) }
    // `Promise.withResolvers` came with Node 22.
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
  }

  /** Up to where the copy goes; `undefined`: there is none. */
  get position(): FeedPosition | undefined {
    return this.#position
  }

  /** Begins with a copy from a snapshot, and goes on from there. */
  startFrom(page: FeedPage, moment: Moment, ageMsMax: number): void {
    this.#apply(page, this.#goesOn(page))
    this.age.setFromSnapshot(moment, ageMsMax)
    this.#becomeReady()
  }

  /**
   * Reads the feed once without waiting for changes, and then follows it.
   * @throws FeedError if Keyfence does not take the key; what else goes wrong is tried again.
   */
  async start(): Promise<void> {
    let failures = 0
    try {
      await this.pollOnce(0)
    } catch (error) {
      if (isKeyRefused(error)) throw error
      failures = this.#failed(error, 0)
    }
    this.#running = this.#run(failures)
  }

  /** Ends following. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  /** Reads and applies everything behind the place reached. @throws FeedError */
  async pollOnce(waitSeconds: number): Promise<void> {
    const began = momentNow(this.#options.world)
    const node = this.#node
    let reading = this.#read({ position: this.#position, waitSeconds, node })
    for (;;) {
      const page = await reading
      const goesOn = this.#goesOn(page)
      if (page.revision >= page.head) {
        this.#apply(page, goesOn)
        break
      }
      // While this page is applied, Keyfence makes the next one. Asked by nobody in particular: who asks
      // for what is behind a place as a node has applied what is before it.
      reading = this.#read({ position: page, waitSeconds: 0, node: undefined })
      reading.catch(NOT_YET) // it is awaited above, unless applying fails
      await requestsSent()
      this.#apply(page, goesOn)
    }
    this.age.set(began)
    this.#becomeReady()
    this.#options.whole(began)
  }

  #read(asked: FeedQuestion): Promise<FeedPage> {
    const { keyfence, world } = this.#options
    return readFeed(keyfence, asked, { world, signal: this.#closing.signal })
  }

  async #run(failuresSoFar: number): Promise<void> {
    const { world, maxStalenessMs } = this.#options
    const { signal } = this.#closing
    const waitSeconds = Math.min(WAIT_SECONDS_MAX, Math.floor(maxStalenessMs / 3000))
    let failures = failuresSoFar
    for (;;) {
      await world.wait(pauseMs(failures, world.random()), signal)
      if (signal.aborted) return
      try {
        await this.pollOnce(waitSeconds)
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        failures = this.#failed(error, failures)
      }
    }
  }

  #failed(error: unknown, failures: number): number {
    const { alarm } = this.#options
    if (isKeyRefused(error)) alarm({ kind: 'key_refused', status: error.status })
    const message = error instanceof FeedError ? error.message : 'following the feed failed'
    alarm({ kind: 'feed_failed', message, failures: failures + 1 })
    return failures + 1
  }

  /** Whether the page goes on from what is known, or begins anew. @throws FeedError: neither */
  #goesOn(page: FeedPage): boolean {
    const place = this.#position
    const goesOn = page.epoch === place?.epoch && page.after === place.revision
    if (!goesOn && page.after !== 0) {
      throw new FeedError('the feed gave a page of another place', undefined)
    }
    return goesOn
  }

  /** The page is whole and in order: either all of it counts, or it was no page. */
  #apply(page: FeedPage, goesOn: boolean): void {
    const { copy, alarm, applied } = this.#options
    if (!goesOn && this.#position !== undefined) {
      // A restored or failed-over store may hide a revocation: nothing known before counts.
      this.age.set(undefined)
      copy.clear()
      alarm({ kind: 'feed_restarted' })
    }
    for (const change of page.changes) {
      const { tokenId } = change
      if (!copy.apply(change)) alarm({ kind: 'record_unreadable', tokenId })
    }
    this.#position = { epoch: page.epoch, revision: page.revision }
    applied(page, !goesOn)
  }
}

/** A turn of the event loop, in which a request that was made leaves, and others are answered. */
function requestsSent(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}

/** Half of it by chance, so that guards that lost Keyfence together do not come back together. */
function pauseMs(failures: number, random: number): number {
  if (failures === 0) return random * PAUSE_MS_MAX
  const longest = Math.min(RETRY_MS_MIN * 2 ** failures, RETRY_MS_MAX)
  return longest / 2 + (random * longest) / 2
}

function isKeyRefused(error: unknown): error is FeedError & { readonly status: 401 | 403 } {
  return error instanceof FeedError && (error.status === 401 || error.status === 403)
}

/** 96 bits by chance: no two guards of one key speak for each other. */
function nodeId(world: GuardWorld): string {
  const octets = [...world.randomBytes(12)]
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')
}
