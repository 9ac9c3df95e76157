import { type JudgeSettings, judge, type LookUpToken, type TokenText } from '@keyfence/core'
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Timers } from '../src/fence/clock.ts'
import { CopyAge, whileFresh } from '../src/fence/copy-age.ts'
import { type Follower, type Freshness, follow } from '../src/fence/follow.ts'
import { openPackedFence } from '../src/fence/packed/open-packed-fence.ts'
import { type PackedFence, packedFence } from '../src/fence/packed/packed-fence.ts'
import { readSnapshotFile, writeSnapshotFile } from '../src/fence/packed/snapshot-file.ts'
import type { Store } from '../src/store/store.ts'
import type { Chance } from './chance.ts'
import type { Outcome } from './model.ts'
import type { Announcer, Link } from './network.ts'
import { type Question, requestOf } from './questions.ts'
import { Owner, type Schedule } from './schedule.ts'
import type { WatchedNode } from './watched-node.ts'

/** The world around a node. */
export interface NodeSurroundings {
  readonly schedule: Schedule
  readonly chance: Chance
  readonly store: Store
  readonly announcer: Announcer
  readonly settings: NodeSettings
  /** For its snapshot. */
  readonly folder: string
}

/** What is drawn once for a run. */
export interface NodeSettings {
  readonly pollIntervalMs: number
  readonly maxStalenessMs: number
  readonly pageLength: number
  readonly appliedAtOnce: number
}

interface RunningProcess {
  readonly owner: Owner
  readonly fence: PackedFence
  readonly follower: Follower
  readonly lookUpInThread: LookUpToken
}

const JUDGE_SETTINGS: JudgeSettings = {
  tokenFields: [{ name: 'authorization', scheme: 'bearer' }],
  tokenQuery: undefined,
  tokenPrefix: 'kf_',
  trustedProxies: [],
  barePeer: 'is_client',
  httpsOriginsOnly: false,
}

const PROGRAM = 'simulated'
/** So small that few tokens make tables grow, collide and be compacted. */
const SIZES = { slotsMin: 4, heapWordsMin: 64 }
/** When the simulated world begins. */
const WALL_START = Date.parse('2026-11-24T09:30:00Z')

/** The real code of one node, in a process that can be stopped, killed and started again. */
export class SimulatedNode implements WatchedNode {
  readonly name: string
  readonly link: Link
  readonly clockFault: 'leaps' | 'sleeps'
  /** By how much its wall clock is wrong. */
  wallOffsetMs = 0
  /** For how long its machine has slept, which its monotonic clock does not know. */
  sleptMs = 0
  readonly #around: NodeSurroundings
  #process: RunningProcess

  constructor(name: string, link: Link, around: NodeSurroundings) {
    this.name = name
    this.link = link
    this.#around = around
    this.clockFault = around.chance.pick(['leaps', 'sleeps'])
    this.#process = this.#start()
  }

  get owner(): Owner {
    return this.#process.owner
  }

  get isStopped(): boolean {
    return this.#around.schedule.now < this.owner.heldUntil
  }

  readonly clock: Clock = {
    now: () => WALL_START + this.#around.schedule.now + this.wallOffsetMs,
    monotonicMs: () => this.#around.schedule.now - this.sleptMs,
  }

  /** Of the process that runs now. */
  get follower(): Follower {
    return this.#process.follower
  }

  freshness(): Freshness {
    return this.#process.follower.freshness()
  }

  /** Resolves once all that is committed by now is applied. */
  catchUp(): Promise<void> {
    return this.#process.follower.catchUp()
  }

  /** Decides as the doors do, half of the time from the memory that worker threads read. */
  decide(secret: TokenText, question: Question): Outcome {
    const lookUp = this.#around.chance.happens(0.5)
      ? this.#process.lookUpInThread
      : this.#process.follower.lookUp
    const context = { settings: JUDGE_SETTINGS, now: this.clock.now() }
    const { effect, reason, policy } = judge(requestOf(question, secret), lookUp, context)
    return { effect, reason, mark: policy?.metadata['mark'] }
  }

  /** The process stands still, and goes on after that time. */
  stop(forMs: number): void {
    this.owner.heldUntil = Math.max(this.owner.heldUntil, this.#around.schedule.now + forMs)
  }

  /** The process is gone; what it has asked for may happen yet, and nobody hears of it. */
  crash(): void {
    this.owner.isGone = true
    this.#process = this.#start()
  }

  saveSnapshot(): void {
    const { position } = this.#process.follower
    if (position === undefined) return
    writeSnapshotFile(this.#snapshotPath, { position, image: this.#process.fence.image() }, PROGRAM)
  }

  /** Puts the snapshot aside, to be found again by `bringOldSnapshot`. */
  keepOldSnapshot(): void {
    if (existsSync(this.#snapshotPath))
      copyFileSync(this.#snapshotPath, `${this.#snapshotPath}.old`)
  }

  bringOldSnapshot(): void {
    const old = `${this.#snapshotPath}.old`
    if (existsSync(old)) copyFileSync(old, this.#snapshotPath)
  }

  /** Tears the snapshot, changes an octet of it, or removes it. */
  damageSnapshot(): void {
    const path = this.#snapshotPath
    if (!existsSync(path)) return
    const { chance } = this.#around
    const octets = readFileSync(path)
    const at = chance.between(0, octets.length - 1)
    const kind = chance.pick(['torn', 'altered', 'gone'] as const)
    if (kind === 'gone') rmSync(path)
    else if (kind === 'torn') writeFileSync(path, octets.subarray(0, at))
    else {
      octets[at] = (octets[at] ?? 0) ^ (1 << chance.between(0, 7))
      writeFileSync(path, octets)
    }
  }

  get #snapshotPath(): string {
    return join(this.#around.folder, `${this.name}.snapshot`)
  }

  #start(): RunningProcess {
    const { store, announcer, settings } = this.#around
    const { pollIntervalMs, maxStalenessMs, pageLength, appliedAtOnce } = settings
    const owner = new Owner(this.name)
    const read = readSnapshotFile(this.#snapshotPath, PROGRAM)
    const fence = packedFence(
      read.ok ? { sizes: SIZES, image: read.snapshot.image } : { sizes: SIZES },
    )
    const age = new CopyAge()
    const follower = follow({
      feed: this.link.feed(owner, store.feed),
      hints: announcer.hints(owner, this.link),
      fence,
      age,
      clock: this.clock,
      timers: this.#timers(owner),
      from: read.ok ? read.snapshot.position : undefined,
      pollIntervalMs,
      maxStalenessMs,
      portions: { pageLength, appliedAtOnce },
      alarm: () => {},
      changed: () => {},
    })
    const lookUpInThread = openPackedFence(fence.memory, () => fence.memory)
    const bound = { clock: this.clock, maxStalenessMs }
    return { owner, fence, follower, lookUpInThread: whileFresh(lookUpInThread, age, bound) }
  }

  #timers(owner: Owner): Timers {
    const { schedule, chance } = this.#around
    return {
      after: (ms, then) => schedule.after(ms, owner, then),
      nextTurn: () => schedule.pause(chance.between(0, 20), owner),
    }
  }
}
