import type { LookUpToken } from '@keyfence/core'
import { type Heap, heapOf } from './heap.ts'
import { lookUpPacked } from './look-up.ts'
import type { PackedMemory } from './packed-fence.ts'
import type { Slots } from './slots.ts'

/**
 * Opens the memory of a packed fence for reading, in the thread that holds it or in any other. Each
 * look-up says what the fence says at that moment.
 * @param newer is asked for the newest memory when the fence has moved. Where it has none yet, the
 *   answer is `unavailable`, for what the reader still has may be out of date.
 */
export function openPackedFence(
  memory: PackedMemory,
  newer: () => PackedMemory | undefined,
): LookUpToken {
  const control = new Int32Array(memory.control)
  let { generation } = memory
  let { slots, heap } = viewsOf(memory)
  return (token) => {
    // It may move again before what it has moved to is opened; and what arrives may be newer than
    // what has been asked for so far, which is as good.
    while (generation < Atomics.load(control, 0)) {
      const found = newer()
      if (found === undefined) return UNAVAILABLE
      generation = found.generation
      ;({ slots, heap } = viewsOf(found))
    }
    return lookUpPacked(slots, heap, token)
  }
}

const UNAVAILABLE = { state: 'unavailable' } as const

function viewsOf(memory: PackedMemory): { readonly slots: Slots; readonly heap: Heap } {
  return { slots: memory.slots, heap: heapOf(memory.heap) }
}
