import type { LookUpToken } from '@keyfence/core'
import { type Heap, heapOf } from './heap.ts'
import { lookUpPacked } from './look-up.ts'
import type { PackedMemory } from './packed-fence.ts'
import type { Slots } from './slots.ts'

/** A packed fence as another thread reads it. */
export interface PackedFenceReader {
  /**
   * As the fence says. Changes show at once in the generation that the reader has; `unavailable`
   * where that was cleared, until `use` is given a newer one.
   */
  readonly lookUp: LookUpToken
  /** Reads from that memory from now on. One that is not newer changes nothing. */
  use(memory: PackedMemory): void
  readonly generation: number
}

/** Opens the memory of a packed fence for reading, in the thread that holds it or in any other. */
export function openPackedFence(memory: PackedMemory): PackedFenceReader {
  let { generation } = memory
  let { slots, heap } = viewsOf(memory)
  const control = new Int32Array(memory.control)
  return {
    lookUp: (token) =>
      generation < Atomics.load(control, 0) ? UNAVAILABLE : lookUpPacked(slots, heap, token),
    use: (newer) => {
      if (newer.generation <= generation) return
      generation = newer.generation
      ;({ slots, heap } = viewsOf(newer))
    },
    get generation() {
      return generation
    },
  }
}

const UNAVAILABLE = { state: 'unavailable' } as const

function viewsOf(memory: PackedMemory): { readonly slots: Slots; readonly heap: Heap } {
  return { slots: new Int32Array(memory.slots), heap: heapOf(memory.heap) }
}
