/**
 * Comes by a fence in one way and tells what it takes up. Parameters: the way, how many tokens, and
 * the path of the snapshot, which `applied` writes and `loaded` reads.
 */
import { readFileSync, statSync } from 'node:fs'
import { NO_REVISION, type TokenChange } from '../../packages/server/src/fence/change-feed.ts'
import type { Fence } from '../../packages/server/src/fence/fence.ts'
import { mapFence } from '../../packages/server/src/fence/map-fence.ts'
import {
  type PackedFence,
  packedFence,
} from '../../packages/server/src/fence/packed/packed-fence.ts'
import {
  readSnapshotFile,
  writeSnapshotFile,
} from '../../packages/server/src/fence/packed/snapshot-file.ts'
import { issueTokens, changeOf } from '../issued-tokens.ts'

/**
 * No tokens at all, a `Map` or a packed fence that the feed has filled, one from a snapshot. `made`: a
 * packed fence that stays empty, while as many tokens are made and thrown away as would fill it.
 */
export type FenceWay = 'empty' | 'made' | 'map' | 'applied' | 'loaded'

/** What a fence takes up, and how long it took to come by. */
export interface FenceMeasures {
  /** Of the whole process, once its garbage is collected. */
  readonly residentBytes: number
  /** What the fence says that it uses, the writer's indexes included. */
  readonly usedBytes: number
  readonly madeMs: number
  readonly fileBytes: number
}

const PROGRAM = 'benchmark'
/** Tokens are made and applied in portions, so that they leave little behind. */
const PORTION = 10_000

const [, , way = 'empty', tokens = '0', path = ''] = process.argv
const began = performance.now()
const fence = fenceBy(way as FenceWay) // what memory.ts passes
const madeMs = performance.now() - began
process.send?.({
  residentBytes: residentBytes(),
  usedBytes: 'image' in fence ? usedBytes(fence) : 0,
  madeMs,
  fileBytes: way === 'loaded' ? statSync(path).size : 0,
} satisfies FenceMeasures)
if (way === 'applied' && 'image' in fence) writeSnapshot(fence)

function fenceBy(asked: FenceWay): Fence | PackedFence {
  if (asked === 'empty') return packedFence()
  if (asked === 'made') return madeInVain()
  if (asked === 'loaded') return loadedFence()
  return filled(asked === 'map' ? mapFence() : packedFence())
}

function loadedFence(): PackedFence {
  const read = readSnapshotFile(path, PROGRAM)
  if (!read.ok) throw new Error(read.because ?? 'there is no snapshot')
  return packedFence({ image: read.snapshot.image })
}

function madeInVain(): PackedFence {
  let count = 0
  makeChanges(() => count++)
  if (count !== Number(tokens)) throw new Error(`${count} tokens were made`)
  return packedFence()
}

function filled<Filled extends Fence>(made: Filled): Filled {
  makeChanges((change) => made.apply(change))
  return made
}

function makeChanges(use: (change: TokenChange) => void): void {
  for (let left = Number(tokens); left > 0; left -= PORTION) {
    const from = Number(tokens) - left
    for (const token of issueTokens(Math.min(PORTION, left))) {
      use(changeOf({ ...token, at: from + token.at }))
    }
  }
}

function writeSnapshot(packed: PackedFence): void {
  const position = { epoch: 'benchmark', revision: NO_REVISION }
  writeSnapshotFile(path, { position, image: packed.image() }, PROGRAM)
}

function residentBytes(): number {
  // Nothing less makes V8 give back the memory of garbage that filling has left.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}

function usedBytes(packed: PackedFence): number {
  const { heap, slots, ids, texts } = packed.image()
  return heap.byteLength + slots.byteLength + ids.byteLength + texts.byteLength
}
