import { Chance } from './chance.ts'
import { feedDoor } from './feed-door.ts'
import { Link } from './network.ts'
import { Owner } from './schedule.ts'
import { SimulatedGuard } from './simulated-guard.ts'
import { Watch } from './watch.ts'
import type { World } from './world.ts'

interface Guarded {
  readonly guard: SimulatedGuard
  readonly link: Link
}

const FAULTS = 4
const OUTAGE_MS_MAX = 60_000

/** Starts a guard that follows the first node, and puts what goes wrong with it at times of its own. */
export function startGuarded(
  world: World,
  { seed, endsAt }: { readonly seed: number; readonly endsAt: number },
): void {
  const { schedule, model, nodes, store, quality, maxStalenessMs } = world
  const [node] = nodes
  const chance = new Chance(seed ^ GUARD)
  if (node === undefined || chance.happens(0.5)) return
  const link = new Link(schedule, chance, quality)
  const door = feedDoor(node, { store: store.store, schedule })
  const guard = new SimulatedGuard({ schedule, chance, link, door, maxStalenessMs })
  const watch = new Watch(model, { schedule, chance, maxStalenessMs })
  world.links.push(link)
  world.watched.push({ node: guard, watch })
  const director = new Owner('director of the guard')
  for (let left = FAULTS; left > 0; left--) {
    schedule.after(chance.between(0, endsAt), director, () => {
      const what = bringAbout({ guard, link }, schedule.now, chance)
      world.trace.push(`${schedule.now} ms: ${what}`)
    })
  }
}

const GUARD = 0x67756172

function bringAbout({ guard, link }: Guarded, now: number, chance: Chance): string {
  const forMs = chance.between(500, OUTAGE_MS_MAX)
  const kind = chance.pick(['cut', 'crash', 'stop'])
  if (kind === 'cut') {
    link.cutUntil = now + forMs
    return `the guard is cut off for ${forMs} ms`
  }
  if (kind === 'stop') {
    guard.stop(forMs)
    return `the guard stands still for ${forMs} ms`
  }
  guard.crash()
  return 'the application with the guard is killed and starts'
}
