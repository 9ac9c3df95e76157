import {
  isPreflight,
  judge,
  type JudgedRequest,
  type JudgeSettings,
  type LookUpToken,
  preflightAnswer,
  readEvidence,
  type RefuseVerdict,
} from '@keyfence/core'
import { ActivityReporter } from '../activity/report-activity.ts'
import { TokenCopy } from '../copy/token-copy.ts'
import {
  allowedCall,
  type GuardDecision,
  type GuardedRequest,
  refusedCall,
} from '../enforcement/guard-decision.ts'
import type { FeedSettings } from '../feed/feed-page.ts'
import { FeedFollower, type GuardAlarm } from '../feed/follow-feed.ts'
import { sha256Hex } from '../hash/sha256.ts'
import { type GuardOptions, type GuardSettings, readOptions } from './guard-options.ts'
import { type GuardWorld, platformWorld } from './guard-world.ts'
import { SnapshotKeeper } from './keep-snapshot.ts'
import { requestId } from './request-id.ts'

/** Decides in this process, from a copy of the tokens that follows Keyfence. */
export interface Guard {
  /** Decides one request, without a network call and without waiting. Never throws. */
  decide(request: GuardedRequest): GuardDecision
  /** Resolves with the first whole copy; until then every request is 503. */
  readonly ready: Promise<void>
  freshness(): GuardFreshness
  /** Ends following, and sends what is left to report. What is decided after that goes stale. */
  close(): Promise<void>
}

/** How far the copy is. */
export interface GuardFreshness {
  /** Whether requests are decided by it. */
  readonly isFresh: boolean
  /** How long ago the last successful look at the feed began; `undefined`: there is no copy. */
  readonly staleForMs: number | undefined
  readonly epoch: string | undefined
  readonly revision: number | undefined
  /** How many secrets are known. */
  readonly secrets: number
}

/**
 * Starts a guard: from its snapshot if there is a good one, and then from the feed. If Keyfence is
 * away the guard is there nevertheless and goes on asking; see {@link Guard.ready}.
 * @throws TypeError for options that cannot be meant, and FeedError for a key that is not taken.
 */
export async function createGuard(
  options: GuardOptions,
  world: GuardWorld = platformWorld,
): Promise<Guard> {
  const guard = new FollowingGuard(options, world)
  await guard.start()
  return guard
}

class FollowingGuard implements Guard {
  readonly #settings: GuardSettings
  readonly #world: GuardWorld
  readonly #copy = new TokenCopy()
  readonly #follower: FeedFollower
  readonly #reporter: ActivityReporter | undefined
  readonly #snapshots: SnapshotKeeper | undefined
  /** The follower's settings with the application's own; `undefined` before the first page. */
  #judgedBy: GuardJudgeSettings | undefined

  constructor(options: GuardOptions, world: GuardWorld) {
    const settings = readOptions(options)
    const { keyfence, maxStalenessMs, trustedProxies } = settings
    const { onAlarm, snapshot, reportActivity = true } = options
    // What an application does with an alarm is not to decide a request.
    const alarm = (event: GuardAlarm): void => {
      try {
        onAlarm?.(event)
      } catch {
        // There is nobody else to tell.
      }
    }
    this.#settings = settings
    this.#world = world
    this.#snapshots = snapshot && new SnapshotKeeper({ file: snapshot, keyfence, world, alarm })
    this.#follower = new FeedFollower({
      keyfence,
      copy: this.#copy,
      world,
      maxStalenessMs,
      alarm,
      applied: (page, isFirst) => {
        this.#judgedBy = { ...page.settings, trustedProxies, barePeer: 'is_client' }
        this.#snapshots?.note(page, isFirst)
      },
      whole: (moment) => this.#snapshots?.keep(moment),
    })
    this.#reporter = reportActivity ? new ActivityReporter({ keyfence, world, alarm }) : undefined
  }

  async start(): Promise<void> {
    const loaded = await this.#snapshots?.load()
    if (loaded !== undefined) {
      this.#follower.startFrom(loaded.page, loaded.moment, loaded.ageMsMax)
    }
    await this.#follower.start()
    this.#reporter?.start()
  }

  get ready(): Promise<void> {
    return this.#follower.ready
  }

  decide(request: GuardedRequest): GuardDecision {
    const { cors } = this.#settings
    const { method, fields, target } = request
    if (isPreflight(method, fields)) {
      const answer = cors.preflights === 'answer' ? preflightAnswer(fields, cors) : undefined
      return { effect: 'preflight', answer }
    }
    const now = this.#world.now()
    const settings = this.#judgedBy
    const verdict =
      settings === undefined
        ? unavailable(request)
        : judge(judgedRequest(request), this.#lookUp, { settings, now })
    // Of a call that the rule lets through nobody asks by its id, and random octets are dear.
    const isNamed = verdict.effect === 'refuse' || !verdict.enforced
    const id = isNamed ? requestId(this.#world.randomBytes(16)) : ''
    this.#reporter?.observe({ verdict, requestId: id, method, target }, now)
    return verdict.effect === 'allow'
      ? allowedCall(verdict, settings ?? NOTHING_FORWARDED)
      : refusedCall(verdict, id)
  }

  freshness(): GuardFreshness {
    const { age, position } = this.#follower
    return {
      isFresh: this.#isUsable(),
      staleForMs: age.ageMs(this.#world),
      epoch: position?.epoch,
      revision: position?.revision,
      secrets: this.#copy.size,
    }
  }

  async close(): Promise<void> {
    await this.#follower.close()
    await this.#reporter?.close()
    await this.#snapshots?.close()
  }

  /** Made once: a function of its own for each request would cost as much as the look-up. */
  readonly #lookUp: LookUpToken = (token) =>
    this.#isUsable() ? this.#copy.lookUp(sha256Hex(token)) : { state: 'unavailable' }

  #isUsable(): boolean {
    const { whenStale, maxStalenessMs } = this.#settings
    const { age } = this.#follower
    if (whenStale === 'goOn') return age.ageMs(this.#world) !== undefined
    return age.isFresh(this.#world, maxStalenessMs)
  }
}

/** What a guard judges by: settings of Keyfence, and its own. */
interface GuardJudgeSettings extends JudgeSettings, FeedSettings {}

const NOTHING_FORWARDED = { forwardMetadata: false }

function judgedRequest({
  fields,
  target,
  peer,
  isWebSocket = false,
}: GuardedRequest): JudgedRequest {
  return { fields, target, peer, isWebSocket }
}

/** Before the first page not even the place of a token in a request is known. */
function unavailable({ fields }: GuardedRequest): RefuseVerdict {
  return {
    effect: 'refuse',
    reason: 'store_unavailable',
    policy: undefined,
    source: undefined,
    evidence: readEvidence(fields),
  }
}
