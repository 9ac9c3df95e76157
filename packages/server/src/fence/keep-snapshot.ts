import type { Follower } from './follow.ts'
import type { PackedFence } from './packed/packed-fence.ts'
import { writeSnapshot } from './packed/write-snapshot.ts'

/** What keeping a snapshot needs. */
export interface SnapshotOptions {
  readonly path: string
  /** The version that reads it again. */
  readonly program: string
  readonly fence: Pick<PackedFence, 'image' | 'size'>
  readonly follower: Pick<Follower, 'position'>
  /** The revision that the file has already; `undefined`: there is none. */
  readonly saved: number | undefined
  readonly log: SnapshotLog
  /** From how many secrets on a snapshot is worth it. */
  readonly secretsMin?: number
}

/** pino's shape. */
export interface SnapshotLog {
  warn(facts: object, message: string): void
}

/** Keeps a file from which the next start goes on. */
export interface SnapshotKeeper {
  /** Writes what has changed since the last time, if anything. Never rejects. */
  save(): Promise<void>
  /** Saves once more and ends. */
  close(): Promise<void>
}

/** Below it the whole feed is read in the time that the program takes to start. */
const SECRETS_MIN = 10_000
/** After a crash the feed is read from the last snapshot on. */
const SAVE_INTERVAL_MS = 300_000
/** Where there is none, a crash soon after the start is not to cost the whole feed again. */
const FIRST_SAVE_MS = 5000

/** Starts keeping a snapshot of a fence: soon if there is none, every five minutes, and at the end. */
export function keepSnapshot(options: SnapshotOptions): SnapshotKeeper {
  const { path, program, fence, follower, log, secretsMin = SECRETS_MIN } = options
  let { saved } = options
  let saving: Promise<void> = Promise.resolve()
  const saveNow = async (): Promise<void> => {
    const { position } = follower
    if (position === undefined || position.revision === saved || fence.size < secretsMin) return
    try {
      await writeSnapshot({ path, program, snapshot: { position, image: fence.image() } })
      saved = position.revision
    } catch (error) {
      log.warn({ err: error, path }, 'no snapshot could be written: the next start reads the feed')
    }
  }
  const save = (): Promise<void> => {
    saving = saving.then(saveNow)
    return saving
  }
  const first =
    saved === undefined ? setTimeout(() => void save(), FIRST_SAVE_MS).unref() : undefined
  const timer = setInterval(() => void save(), SAVE_INTERVAL_MS).unref()
  return {
    save,
    close: () => {
      clearTimeout(first)
      clearInterval(timer)
      return save()
    },
  }
}
