import { join } from 'node:path'
import { CopyAge } from '../fence/copy-age.ts'
import { type Follower, follow } from '../fence/follow.ts'
import { keepSnapshot } from '../fence/keep-snapshot.ts'
import { type PackedFence, packedFence, type PackedMemory } from '../fence/packed/packed-fence.ts'
import { readSnapshotFile, type Snapshot } from '../fence/packed/snapshot-file.ts'
import type { Store } from '../store/store.ts'
import type { NodeWorld } from './node-world.ts'

/** The name of the snapshot inside the data folder. */
export const SNAPSHOT_FILE = 'fence.snapshot'

/** A node's copy of all tokens, and what keeps it up to date. */
export interface FollowedStore {
  readonly fence: PackedFence
  readonly follower: Follower
  /** How old the copy is, for other threads to read. */
  readonly age: CopyAge
  /** Writes the snapshot for the next start and ends. */
  close(): Promise<void>
}

/** Told of what other threads have to know. */
export interface CopyListener {
  /** The copy lies elsewhere now. */
  readonly moved: (memory: PackedMemory) => void
  /** A token is not what it was. */
  readonly changed: (tokenId: string) => void
  /** It is as far as the store was a moment ago. */
  readonly polled: () => void
}

/**
 * Opens the copy of all tokens from the snapshot, if there is a good one, and follows the store from
 * there. If the store fails it is tried again at each poll, and nothing is known until it answers.
 * @returns once the store has been read, or could not be.
 */
export async function followStore(
  { config, clock, log, version }: NodeWorld,
  store: Pick<Store, 'feed' | 'hints'>,
  { moved, changed, polled }: CopyListener,
): Promise<FollowedStore> {
  const path = join(config.data, SNAPSHOT_FILE)
  const snapshot = readSnapshot(path, { version, log })
  const fence = packedFence(snapshot === undefined ? { moved } : { moved, image: snapshot.image })
  const age = new CopyAge()
  const follower = follow({
    feed: store.feed,
    hints: store.hints,
    fence,
    age,
    clock,
    from: snapshot?.position,
    pollIntervalMs: config.pollIntervalMs,
    maxStalenessMs: config.maxStalenessMs,
    alarm: (alarm) =>
      alarm.kind === 'poll_failed'
        ? log.error({ err: alarm.error }, 'the store could not be read; known tokens are decided')
        : log.error(alarm, 'a record is damaged: its token is refused'),
    changed,
    polled,
  })
  // Listening before the first copy would only answer 503. If the store fails, that is the answer.
  await follower.catchUp().catch(() => {})
  const saved = snapshot?.position.revision
  const snapshots = keepSnapshot({ path, program: version, fence, follower, saved, log })
  return {
    fence,
    follower,
    age,
    close: async () => {
      await follower.close()
      await snapshots.close()
    },
  }
}

function readSnapshot(
  path: string,
  { version, log }: Pick<NodeWorld, 'version' | 'log'>,
): Snapshot | undefined {
  const read = readSnapshotFile(path, version)
  if (read.ok) {
    log.info({ revision: read.snapshot.position.revision }, 'going on from the snapshot')
    return read.snapshot
  }
  if (read.because !== undefined) {
    log.warn({ path, because: read.because }, 'the snapshot is not used: the whole feed is read')
  }
  return undefined
}
