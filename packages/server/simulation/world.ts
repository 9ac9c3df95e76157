import type { TokenId } from '../src/identifier/identifier.ts'
import type { Chance } from './chance.ts'
import type { Model, TokenState } from './model.ts'
import type { Announcer, Link, NetworkQuality } from './network.ts'
import type { Schedule } from './schedule.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { SimulatedStore, StoreCopy } from './simulated-store.ts'
import type { Watch } from './watch.ts'
import type { WatchedNode } from './watched-node.ts'

/** All that a store was, and what the model says that it was. */
interface Backup {
  readonly copy: StoreCopy
  readonly states: ReadonlyMap<TokenId, TokenState>
}

/** All there is in one run. */
export interface World {
  readonly chance: Chance
  readonly schedule: Schedule
  readonly store: SimulatedStore
  readonly announcer: Announcer
  readonly model: Model
  readonly nodes: readonly SimulatedNode[]
  /** Of the nodes. */
  readonly watch: Watch
  /** Whoever decides, and who watches. */
  readonly watched: { readonly node: WatchedNode; readonly watch: Watch }[]
  /** All ways to the store. */
  readonly links: Link[]
  readonly quality: NetworkQuality
  readonly maxStalenessMs: number
  readonly backups: Backup[]
  /** Written as the run goes on. */
  readonly trace: string[]
}
