import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseMeter } from './database-meter.ts'
import { storedToken, storedTokenId } from './filled-store.ts'
import type { FleetNode } from './fleet-node.ts'
import type { ManagementClient } from './management-client.ts'
import { type LoadTimes, steadyLoad } from './steady-load.ts'

/** How many of each begin in a second. */
export const PHASE_RATES = { decisions: 150, changes: 100 }
const DECISIONS_OPEN_MAX = 64
/** As many as a node lets share a turn to write: more would wait for the group before them. */
const CHANGES_OPEN_MAX = 16
/** Of a thousand tokens, the one whose changes are followed: none that is changed otherwise, or revoked. */
const FOLLOWED = 7
const REVOKED = 998
/** Longer than any poll: a change that a node has not found by then is lost. */
const DELAY_MS_MAX = 10_000
const ATTEMPTS_MAX = 5

/** What a phase is measured on. */
export interface PhaseOptions {
  readonly nodes: readonly FleetNode[]
  readonly database: DatabaseMeter
  readonly durationMs: number
  /** Those of a filled store. */
  readonly tokenCount: number
  /** Where changes are made; nowhere if it is not given. */
  readonly management?: ManagementClient
}

/** What a phase took, in a second where nothing else is said. */
export interface FleetPhase {
  readonly decisions: LoadTimes
  readonly changes: LoadTimes | undefined
  /** Of each node. */
  readonly cpuMs: readonly number[]
  readonly databaseCpuMs: number
  readonly transactions: number
  /** By the last node, which is asked for nothing: what it reads is the feed. */
  readonly readBytes: number
}

/** Has all nodes but the last decide at a fixed rate, beside changes at a fixed rate if there is a place for them. */
export async function measurePhase(options: PhaseOptions): Promise<FleetPhase> {
  const { nodes, database, durationMs, management } = options
  const usage = async () => ({
    atMs: performance.now(),
    nodes: nodes.map((node) => node.usage()),
    databaseCpuMs: database.cpuMs(),
    transactions: await database.transactions(),
  })
  const before = await usage()
  const [decisions, changes] = await Promise.all([
    steadyLoad(
      { perSecond: PHASE_RATES.decisions, durationMs, openMax: DECISIONS_OPEN_MAX },
      decide(options),
    ),
    management === undefined ? undefined : changeTokens(management, options),
  ])
  const after = await usage()
  const perSecond = (used: number): number => (used * 1000) / (after.atMs - before.atMs)
  const ofNode = (at: number, what: 'cpuMs' | 'readBytes'): number =>
    perSecond((after.nodes[at]?.[what] ?? Number.NaN) - (before.nodes[at]?.[what] ?? Number.NaN))
  return {
    decisions,
    changes,
    cpuMs: nodes.map((_node, at) => ofNode(at, 'cpuMs')),
    databaseCpuMs: perSecond(after.databaseCpuMs - before.databaseCpuMs),
    transactions: perSecond(after.transactions - before.transactions),
    readBytes: ofNode(nodes.length - 1, 'readBytes'),
  }
}

/** Each at the next node, with a token picked at random. */
function decide({ nodes, tokenCount }: PhaseOptions): () => Promise<void> {
  let asked = 0
  return async () => {
    const node = nodes[asked++ % (nodes.length - 1)]
    const status = await node?.statusOf(storedToken(ordinaryToken(tokenCount)))
    if (status !== 200) throw new Error(`a token that is active was answered ${status}`)
  }
}

function changeTokens(
  management: ManagementClient,
  { tokenCount, durationMs }: PhaseOptions,
): Promise<LoadTimes> {
  const load = { perSecond: PHASE_RATES.changes, durationMs, openMax: CHANGES_OPEN_MAX }
  let changes = 0
  return steadyLoad(load, async () => {
    const entries = [`changed-${changes++}.example`, 'staging.example.com']
    const body = {
      domains: { enabled: true, entries },
      ips: { enabled: false, entries: ['8.8.8.8'] },
    }
    const id = storedTokenId(ordinaryToken(tokenCount))
    await management.ask('PUT', `/v1/tokens/${id}/restrictions`, { body, expected: 200 })
  })
}

function ordinaryToken(tokenCount: number): number {
  for (;;) {
    const at = Math.floor(Math.random() * tokenCount)
    if (at % 1000 !== FOLLOWED && at % 1000 !== REVOKED) return at
  }
}

/** Changes of tokens that nothing else changes, each followed until all nodes decide by it. */
export class FollowedChanges {
  readonly #management: ManagementClient
  readonly #options: PhaseOptions
  #failed = 0

  constructor(management: ManagementClient, options: PhaseOptions) {
    this.#management = management
    this.#options = options
  }

  /** How often one was refused, and asked for again. */
  get failed(): number {
    return this.#failed
  }

  /** One after the other, beside changes at the fixed rate. @returns of each node, in milliseconds */
  async delays(): Promise<readonly (readonly number[])[]> {
    const [delays] = await Promise.all([
      this.#followAll(),
      changeTokens(this.#management, this.#options),
    ])
    return delays
  }

  async #followAll(): Promise<readonly (readonly number[])[]> {
    const { nodes, durationMs } = this.#options
    const ofNodes = nodes.map((): number[] => [])
    const endsAt = performance.now() + durationMs
    for (let change = 0; performance.now() < endsAt; change++) {
      const delays = await this.#delaysOf(change)
      for (const [at, delayMs] of delays.entries()) ofNodes[at]?.push(delayMs)
      await delay(20)
    }
    return ofNodes
  }

  /** A change that comes too late is asked for again: either is safe to repeat. */
  async #changed(target: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#management.ask('POST', target, { expected: 200 })
        return
      } catch (error) {
        if (attempt === ATTEMPTS_MAX) throw error
        this.#failed++
      }
    }
  }

  /** Disables a token, or enables the one that the call before has disabled. */
  async #delaysOf(change: number): Promise<readonly number[]> {
    const { nodes, tokenCount } = this.#options
    const followed = Math.max(1, Math.floor(tokenCount / 1000))
    const at = (Math.floor(change / 2) % followed) * 1000 + FOLLOWED
    const isDisabling = change % 2 === 0
    const verb = isDisabling ? 'disable' : 'enable'
    const target = `/v1/tokens/${storedTokenId(at)}/${verb}`
    await this.#changed(target)
    const answeredMs = performance.now()
    const untilDecided = async (node: FleetNode): Promise<number> => {
      while (((await node.statusOf(storedToken(at))) === 200) === isDisabling) {
        if (performance.now() - answeredMs > DELAY_MS_MAX) {
          throw new Error(`a node did not notice in time that ${target} was answered`)
        }
        await delay(1)
      }
      return performance.now() - answeredMs
    }
    return Promise.all(nodes.map(untilDecided))
  }
}
