import { once } from 'node:events'
import { startThread } from '../../thread/start-thread.ts'
import type { SnapshotOrder } from './snapshot-thread.ts'

/**
 * Writes a snapshot in a thread of its own, as `writeSnapshotFile` does. The fence may change
 * meanwhile: of what is written only the heap is shared, and to that is only added.
 * @returns when it is in its place; rejects with what kept it from that.
 */
export async function writeSnapshot(order: SnapshotOrder): Promise<void> {
  const { slots, ids, texts } = order.snapshot.image
  const thread = startThread(import.meta.url, './snapshot-thread', {
    workerData: order,
    transferList: [slots.buffer, ids.buffer, texts.buffer] as ArrayBuffer[], // copies that `image` made
  })
  await once(thread, 'exit')
}
