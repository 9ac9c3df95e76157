import type { Chance } from './chance.ts'
import type { World } from './world.ts'
import type { SimulatedNode } from './simulated-node.ts'

const HOUR_MS = 3_600_000
const OUTAGE_MS_MAX = 90_000

/** Brings it about. @returns what to say of it in the trace */
export async function bringAbout(kind: FaultKind, world: World): Promise<string> {
  const { chance, schedule } = world
  const node = chance.pick(world.nodes)
  const forMs = chance.between(500, chance.happens(0.3) ? OUTAGE_MS_MAX : 10_000)
  if (node.isStopped && AT_RUNNING_NODES.has(kind)) return `${node.name} stands still anyway`
  return FAULTS[kind]({ world, node, forMs, until: schedule.now + forMs })
}

/** What can go wrong, and what to say of it in the trace. */
const FAULTS = {
  cut: ({ node, until, forMs }: Fault): string => {
    node.link.cutUntil = until
    return `${node.name} is cut off for ${forMs} ms`
  },
  'cut-all': ({ world, until, forMs }: Fault): string => {
    for (const { link } of world.nodes) link.cutUntil = until
    return `the store is away for ${forMs} ms`
  },
  slow: ({ world, node, until, forMs }: Fault): string => {
    const byMs = world.chance.between(100, 20_000)
    node.link.slow = { untilMs: until, byMs }
    return `${node.name} gets answers ${byMs} ms late for ${forMs} ms`
  },
  crash: ({ node }: Fault): string => {
    node.crash()
    return `${node.name} is killed and starts`
  },
  stop: ({ node, forMs }: Fault): string => {
    node.stop(forMs)
    return `${node.name} stands still for ${forMs} ms`
  },
  clock: ({ world, node, forMs }: Fault): string => clockFault(node, forMs, world.chance),
  snapshot: ({ world, node }: Fault): string => {
    node.saveSnapshot()
    if (world.chance.happens(0.3)) node.keepOldSnapshot()
    return `${node.name} saves a snapshot`
  },
  'bad-snapshot': ({ world, node }: Fault): string => badSnapshot(node, world.chance),
  poison: ({ world }: Fault): Promise<string> => poison(world),
  backup: ({ world }: Fault): string => {
    world.backups.push({ copy: world.store.backup(), states: world.model.backup() })
    return 'a backup is made'
  },
  restore: ({ world }: Fault): string => restore(world),
}

export type FaultKind = keyof typeof FAULTS

/** Every kind there is. */
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[] // keys forgets what it was given

interface Fault {
  readonly world: World
  readonly node: SimulatedNode
  readonly forMs: number
  /** When it is over, if it ends. */
  readonly until: number
}

/** Nothing can happen to what is not running, and no machine falls asleep in its sleep. */
const AT_RUNNING_NODES: ReadonlySet<FaultKind> = new Set([
  'crash',
  'stop',
  'clock',
  'snapshot',
  'bad-snapshot',
])

/**
 * Each machine's clock has one fault. A leap back while the other clock stands still would hide time
 * from both, and nothing is promised then.
 */
function clockFault(node: SimulatedNode, forMs: number, chance: Chance): string {
  if (node.clockFault === 'sleeps') {
    node.stop(forMs)
    node.sleptMs += forMs
    return `the machine of ${node.name} sleeps for ${forMs} ms`
  }
  node.wallOffsetMs = chance.pick([-HOUR_MS, HOUR_MS, 0, chance.between(-5000, 5000)])
  return `the wall clock of ${node.name} is wrong by ${node.wallOffsetMs} ms`
}

function badSnapshot(node: SimulatedNode, chance: Chance): string {
  if (chance.happens(0.5)) node.bringOldSnapshot()
  else node.damageSnapshot()
  node.crash()
  return `${node.name} is killed and starts from an old or damaged snapshot`
}

const DAMAGES = [
  "update tokens set metadata = '{' where id = ?",
  "update tokens set status = 'odd' where id = ?",
  "update tokens set mode = '' where id = ?",
]

/** Of a revoked token's entries the feed says nothing. */
const DAMAGES_WHERE_ENTRIES_COUNT = [
  ...DAMAGES,
  "insert or replace into entries values (?, 'domains', 90, 'not a domain', 0, '')",
]

/** A record comes to harm while it is written. */
async function poison(world: World): Promise<string> {
  const { model, chance, store, schedule } = world
  const saved = model.present().filter((id) => model.stateOf(id).kind === 'saved')
  if (saved.length === 0) return 'nothing to damage'
  const id = chance.pick(saved)
  const state = model.stateOf(id)
  if (state.kind !== 'saved') return 'nothing to damage'
  const isRevoked = state.token.status === 'revoked'
  store.tamper(chance.pick(isRevoked ? DAMAGES : DAMAGES_WHERE_ENTRIES_COUNT), id)
  await store.store.transact(async ({ tokens }) => {
    const owner = (await tokens.ownersOf([id])).get(id)
    if (owner !== undefined) await tokens.recordChange({ id, owner }, schedule.now)
  })
  model.become(id, { ...state, kind: 'damaged' }, schedule.now)
  return `the record of ${id} is damaged`
}

function restore({ backups, chance, store, model, schedule }: World): string {
  if (backups.length === 0) return 'no backup to restore'
  const { copy, states } = chance.pick(backups)
  store.restore(copy, newEpoch(chance))
  model.restore(states, schedule.now)
  return 'a backup is restored'
}

/** An epoch that no store had before. */
export function newEpoch(chance: Chance): string {
  return Buffer.from(chance.octets(8)).toString('hex')
}
