import type { TokenChange } from '../change-feed.ts'
import type { Fence } from '../fence.ts'
import { digestOfHash } from './digest.ts'
import { lookUpPacked } from './look-up.ts'
import { packRecord } from './pack-record.ts'
import type { Slots } from './slots.ts'
import { TABLE_SIZES, type TableImage, type TableSizes, TokenTable } from './token-table.ts'
import { packedId } from './token-id.ts'

/**
 * The memory of a packed fence, to be sent to other threads with `postMessage` and opened there by
 * `openPackedFence`. A new object, with a larger `generation`, stands for memory that has moved.
 */
export interface PackedMemory {
  readonly generation: number
  readonly slots: Slots
  readonly heap: SharedArrayBuffer
  /** One word, the same memory in all generations: no generation below it may be read. */
  readonly control: SharedArrayBuffer
}

/** A fence in shared memory. One thread holds it and writes; others read its memory meanwhile. */
export interface PackedFence extends Fence {
  /** The memory as it is now. */
  readonly memory: PackedMemory
  /** All that is known, at this moment, for a snapshot. */
  image(): TableImage
}

/** What a packed fence begins with. */
export interface PackedFenceOptions {
  /** Told of each new generation before readers need it: they ask for it once the fence has moved. */
  readonly moved?: (memory: PackedMemory) => void
  /** What another packed fence gave as its image. */
  readonly image?: TableImage
  /** How small the tables may be. */
  readonly sizes?: TableSizes
}

/**
 * A fence of some 100 octets a token: an open-addressed table keyed by the token's digest, the
 * tokens' records behind it, both in shared memory (design §2).
 *
 * Memory moves where it has to grow, and where more than half of the heap is garbage. For a million
 * tokens the first takes some 50 ms and the second a second, in the call of `apply` that needs it.
 */
export function packedFence(options: PackedFenceOptions = {}): PackedFence {
  return new TableFence(options)
}

class TableFence implements PackedFence {
  readonly #moved: PackedFenceOptions['moved']
  readonly #sizes: TableSizes
  readonly #control = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #table: TokenTable
  #memory: PackedMemory

  constructor(options: PackedFenceOptions) {
    this.#moved = options.moved
    this.#sizes = options.sizes ?? TABLE_SIZES
    this.#table = new TokenTable(this.#sizes, { image: options.image })
    this.#memory = this.#memoryNow()
    Atomics.store(this.#control, 0, this.#memory.generation)
  }

  get memory(): PackedMemory {
    return this.#memory
  }

  get size(): number {
    return this.#table.secrets
  }

  /** An arrow function, because it is handed on without its object. */
  readonly lookUp: Fence['lookUp'] = (token) =>
    lookUpPacked(this.#table.slots, this.#table.heap, token)

  apply(change: TokenChange): boolean {
    if (change.kind === 'removed') {
      const digests = change.secrets.map(({ hash }) => digestOfHash(hash))
      this.#table.remove(packedId(change.tokenId), digests)
      return true
    }
    const record = packRecord(change)
    this.#table.put(record)
    if (this.#table.generation !== this.#memory.generation) this.#move()
    return record.text !== undefined
  }

  clear(): void {
    const generation = this.#memory.generation + 1
    this.#table = new TokenTable(this.#sizes, { generation })
    this.#move()
  }

  image(): TableImage {
    return this.#table.image()
  }

  #move(): void {
    this.#memory = this.#memoryNow()
    this.#moved?.(this.#memory)
    // What readers have until now will not change any more: a token that is revoked next is not in it.
    Atomics.store(this.#control, 0, this.#memory.generation)
  }

  #memoryNow(): PackedMemory {
    const { generation, slots, heap } = this.#table
    const control = this.#control.buffer
    return { generation, slots, heap: heap.buffer, control }
  }
}
