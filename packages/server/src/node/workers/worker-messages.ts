import type { AddressInfo } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import type { ActivityBatch, DroppedActivity } from '../../activity/activity-batch.ts'
import type { SeenClient } from '../../activity/last-client.ts'
import type { Config } from '../../config/config.ts'
import type { PackedMemory } from '../../fence/packed/packed-fence.ts'
import type { VerdictCount } from '../../metrics/verdict-tally.ts'
import type { ListenPlace } from '../../listener/data-listener.ts'

/** What a worker begins with. */
export interface WorkerStart {
  readonly config: Config
  readonly listen: ListenPlace
  /** The memory of the fence, and where each newer one arrives. */
  readonly memory: PackedMemory
  readonly memories: MessagePort
  /** The memory of the copy's age. */
  readonly age: SharedArrayBuffer
  /** The memory of how late the threads' loops are, and which of them this is. */
  readonly lateness: SharedArrayBuffer
  readonly number: number
}

/** What the thread that follows the store tells its workers. */
export type ToWorker =
  /** Open requests of these tokens are to be judged again; `undefined`: of all. */
  | { readonly kind: 'changed'; readonly tokenIds: readonly string[] | undefined }
  /** Answered by `done`: what was observed so far is recorded, or merely counted. */
  | { readonly kind: 'flush' | 'report'; readonly id: number }
  /** Answers `record`; with a message if it failed. */
  | { readonly kind: 'recorded'; readonly id: number; readonly failure: string | undefined }
  | { readonly kind: 'close'; readonly drainMs: number }

/** What a worker tells the thread that follows the store. */
export type FromWorker =
  | { readonly kind: 'listening'; readonly address: AddressInfo }
  | { readonly kind: 'record'; readonly id: number; readonly batch: ActivityBatch }
  | {
      readonly kind: 'report'
      /** Since the last report. */
      readonly verdicts: readonly VerdictCount[]
      /** Since the start. */
      readonly dropped: DroppedActivity
      readonly lastClient: SeenClient | undefined
    }
  | { readonly kind: 'done'; readonly id: number }
