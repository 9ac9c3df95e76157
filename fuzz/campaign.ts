import type { BranchCounters } from './count-branches.ts'
import { minimise } from './minimise.ts'
import { mutate } from './mutate.ts'
import { seededRandom } from './random.ts'
import type { OpenTarget, Target } from './target.ts'

/** What a campaign needs. */
export interface CampaignOptions {
  readonly target: Target
  readonly counters: BranchCounters
  /** The same seed and corpus lead to the same inputs. */
  readonly seed: number
  readonly corpus: readonly string[]
  /** Asked now and then, with the number of inputs so far. */
  readonly isOver: (executions: number) => boolean
}

/** What came of a campaign. */
export interface CampaignResult {
  readonly executions: number
  /** Branches that some input took. */
  readonly branches: number
  /** Inputs that each take a branch, or take it so often, as none before did. */
  readonly found: readonly string[]
  /** `undefined`: everything held. */
  readonly broken: BrokenInput | undefined
}

/** An input that breaks a target, as short as it could be made. */
export interface BrokenInput {
  readonly input: string
  readonly error: unknown
}

const ASKED_EVERY = 64
/** New inputs are tried more often than those found long ago. */
const RECENT = 16

/** Runs the corpus, then mutations of whatever took a new branch, until it is over or something breaks. */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const { target, counters, seed, corpus } = options
  const open = await target.open()
  const run = new CampaignRun(open, counters)
  try {
    for (const input of new Set([...corpus, ...open.seeds, ''])) {
      await run.tryInput(input)
      if (run.broken !== undefined) return await run.ended()
    }
    const random = seededRandom(seed)
    const { shape, pieces, lengthMax } = target
    while (run.executions % ASKED_EVERY !== 0 || !options.isOver(run.executions)) {
      const recent = run.found.slice(-RECENT)
      const input = random.of(random.below(2) === 0 ? recent : run.found)
      const source = { random, shape, pieces, corpus: run.found, lengthMax }
      await run.tryInput(mutate(input, source))
      if (run.broken !== undefined) break
    }
    return await run.ended()
  } finally {
    await open.close()
  }
}

class CampaignRun {
  readonly #open: OpenTarget
  readonly #counters: BranchCounters
  /** For each branch, which numbers of times it has been taken within one input. */
  readonly #taken = new Uint8Array(65_536)
  readonly found: string[] = []
  executions = 0
  broken: BrokenInput | undefined

  constructor(open: OpenTarget, counters: BranchCounters) {
    this.#open = open
    this.#counters = counters
  }

  async tryInput(input: string): Promise<void> {
    this.#counters.counts.fill(0, 0, this.#counters.used)
    this.executions++
    try {
      const running = this.#open.run(input)
      // Most are done already, and waiting for nothing costs more than they do.
      if (running !== undefined) await running
    } catch (error) {
      this.broken = { input, error }
      return
    }
    // The first one is kept whatever it took, so that there is always something to mutate.
    if (this.#isNews() || this.found.length === 0) this.found.push(input)
  }

  async ended(): Promise<CampaignResult> {
    const { executions, found, broken } = this
    const branches = this.#taken.reduce((sum, taken) => sum + (taken === 0 ? 0 : 1), 0)
    const smallest = broken === undefined ? undefined : await minimise(broken, this.#open)
    return { executions, branches, found, broken: smallest }
  }

  /** Whether the last input took a branch, or took it so often, as none before did. */
  #isNews(): boolean {
    const { counts, used } = this.#counters
    let isNews = false
    for (let at = 0; at < used; at++) {
      const count = counts[at] ?? 0
      if (count === 0) continue
      const before = this.#taken[at] ?? 0
      const now = before | (1 << Math.min(7, 32 - Math.clz32(count) - 1))
      if (now === before) continue
      this.#taken[at] = now
      isNews = true
    }
    return isNews
  }
}
