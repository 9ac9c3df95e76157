import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chance } from './chance.ts'
import { bringAbout, FAULT_KINDS, type FaultKind, newEpoch } from './faults.ts'
import { startGuarded } from './guarded.ts'
import { Model } from './model.ts'
import { Announcer, Link } from './network.ts'
import { drawOperation } from './operations.ts'
import { Owner, Schedule } from './schedule.ts'
import { type NodeSettings, SimulatedNode } from './simulated-node.ts'
import { openSimulatedStore, type SimulatedStore } from './simulated-store.ts'
import { Violation, Watch } from './watch.ts'
import type { World } from './world.ts'

/** What a run is made from: the same plan makes the same run. */
export interface Plan {
  readonly seed: number
  /** Faults that do not happen; everything else is drawn as if they did. */
  readonly without?: readonly FaultKind[]
}

/** What came of a run. */
export interface RunResult {
  readonly seed: number
  /** The first thing that must not be; `undefined`: nothing was. */
  readonly failure: string | undefined
  /** What happened up to there. */
  readonly trace: readonly string[]
  readonly decisions: number
}

const OPERATIONS = 24
const FAULTS = 12
const PAUSE_MS_MAX = 2500
/** After the last fault, at most: who stands still goes on, who waits gives up, and asks again. */
const RECOVERY_MS_MAX = 180_000

/** Runs one seed. */
export async function simulate(plan: Plan): Promise<RunResult> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-simulation-'))
  const rejected: unknown[] = []
  const noteRejection = (error: unknown): void => {
    rejected.push(error)
  }
  process.on('unhandledRejection', noteRejection)
  const world = await newWorld(new Chance(plan.seed), folder)
  try {
    await run(world, { ...plan, rejected })
    return resultOf(plan, world, undefined)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    return resultOf(plan, world, error.message)
  } finally {
    for (const { node } of world.watched) node.owner.isGone = true
    process.off('unhandledRejection', noteRejection)
    rmSync(folder, { recursive: true, force: true })
  }
}

function resultOf({ seed }: Plan, world: World, failure: string | undefined): RunResult {
  const decisions = world.watched.reduce((sum, { watch }) => sum + watch.decisions, 0)
  return { seed, failure, trace: world.trace, decisions }
}

/** One for all runs, for it takes as long to make as a run does; each begins with an empty one. */
let opened: Promise<SimulatedStore> | undefined

async function newWorld(chance: Chance, folder: string): Promise<World> {
  const schedule = new Schedule()
  opened ??= openSimulatedStore()
  const store = await opened
  store.empty(newEpoch(chance))
  const announcer = new Announcer()
  const settings = drawSettings(chance)
  const quality = {
    delayMsMax: chance.pick([5, 200, 3000]),
    lossProbability: chance.pick([0, 0.05, 0.2]),
    hintLossProbability: chance.pick([0, 0.5, 1]),
  }
  const around = { schedule, chance, store: store.store, announcer, settings, folder }
  const nodes = Array.from({ length: chance.between(1, 3) }, (_, at) => {
    return new SimulatedNode(`node ${at + 1}`, new Link(schedule, chance, quality), around)
  })
  const model = new Model()
  const { maxStalenessMs } = settings
  const watch = new Watch(model, { schedule, chance, maxStalenessMs })
  const watched = nodes.map((node) => ({ node, watch }))
  const trace = [JSON.stringify({ nodes: nodes.length, ...settings, ...quality })]
  const links = nodes.map(({ link }) => link)
  const world = { chance, schedule, store, announcer, model, nodes, watch, trace }
  return { ...world, links, watched, backups: [], maxStalenessMs, quality }
}

function drawSettings(chance: Chance): NodeSettings {
  return {
    pollIntervalMs: chance.between(2000, 8000),
    maxStalenessMs: chance.pick([10_000, 30_000, 60_000]),
    pageLength: chance.pick([1, 2, 3, 5, 2000]),
    appliedAtOnce: chance.pick([1, 2, 100]),
  }
}

interface RunLimits extends Plan {
  /** Filled with what nobody has handled: it would have ended the process. */
  readonly rejected: readonly unknown[]
}

async function run(world: World, { seed, without = [], rejected }: RunLimits): Promise<void> {
  const { chance, schedule } = world
  const endsAt = planRun(world, without)
  startGuarded(world, { seed, endsAt })
  await runUntil(world, { until: endsAt }, rejected)
  for (const link of world.links) link.isPerfect = true
  note(world, 'all is well again')
  const wellSince = schedule.now
  await runUntil(
    world,
    { until: wellSince + RECOVERY_MS_MAX, isOver: () => areNewerThan(wellSince, world) },
    rejected,
  )
  for (const { node, watch } of world.watched) watch.converged(node)
  note(world, `the end, at ${chance.fraction()}`)
}

/** Puts operations and faults at times of their own. @returns when the last one is over */
function planRun(world: World, without: readonly FaultKind[]): number {
  const { chance, schedule } = world
  const director = new Owner('director')
  let at = 0
  for (let left = OPERATIONS + FAULTS; left > 0; left--) {
    at += chance.between(0, PAUSE_MS_MAX)
    if (chance.happens(OPERATIONS / (OPERATIONS + FAULTS))) {
      schedule.after(at, director, () => void operate(world))
      continue
    }
    const kind = chance.pick(FAULT_KINDS)
    schedule.after(at, director, () => void fail(kind, world, without))
  }
  return at
}

/** Whether each node runs, decides, and has the whole feed as it was at that time or later. */
function areNewerThan(time: number, { watched, schedule, maxStalenessMs }: World): boolean {
  const mostMs = Math.min(maxStalenessMs, schedule.now - time)
  return watched.every(({ node }) => {
    const { staleForMs } = node.freshness()
    return !node.isStopped && staleForMs !== undefined && staleForMs < mostMs
  })
}

async function runUntil(
  world: World,
  { until, isOver = () => false }: { readonly until: number; readonly isOver?: () => boolean },
  rejected: readonly unknown[],
): Promise<void> {
  while (!isOver() && (await world.schedule.step(until))) {
    if (rejected.length > 0) {
      throw new Violation(
        `nobody handles what was rejected, and the process ends: ${String(rejected[0])}`,
      )
    }
    for (const { node, watch } of world.watched) watch.ask(node)
  }
}

/** One change through a node, and what its caller is told of it. */
async function operate(world: World): Promise<void> {
  const { chance, model, nodes, store, schedule, watch } = world
  const node = chance.pick(nodes)
  if (node.isStopped) return
  const { owner, clock } = node
  const { name, run: work } = drawOperation(chance, model)
  try {
    await node.link.ask(owner, async () => {
      const context = {
        actor: 'operator',
        now: clock.now(),
        random: chance.octets,
        tokenPrefix: 'kf_',
      }
      const changes = await store.store.transact(async (transaction) => {
        const done = await work({ transaction, context, model, chance })
        if (chance.happens(0.1)) throw new Error('undone')
        return done
      })
      for (const [id, state] of changes) model.become(id, state, schedule.now)
      note(world, `${name} through ${node.name}: ${changes.map(([id]) => id).join(' ')}`)
      if (changes.length > 0) world.announcer.announce()
    })
    const committed = model.order
    await node.catchUp()
    watch.acknowledged(node, committed)
  } catch (error) {
    note(world, `${name} through ${node.name} fails: ${String(error)}`)
  }
}

async function fail(kind: FaultKind, world: World, without: readonly FaultKind[]): Promise<void> {
  if (without.includes(kind)) return
  note(world, await bringAbout(kind, world))
}

function note({ schedule, trace }: World, what: string): void {
  trace.push(`${schedule.now} ms: ${what}`)
}
