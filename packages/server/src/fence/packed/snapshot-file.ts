import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import type { FeedPosition } from '../follow.ts'
import { newHeap, WORD_BYTES } from './heap.ts'
import type { TableCounts, TableImage } from './token-table.ts'

/** A packed fence as a file keeps it: what it knows, and up to where in which feed that is. */
export interface Snapshot {
  readonly position: FeedPosition
  readonly image: TableImage
}

/** The outcome of reading one; without a snapshot the feed is read from its beginning. */
export type ReadSnapshot =
  | { readonly ok: true; readonly snapshot: Snapshot }
  /** A sentence for the log; `undefined`: there is no such file. */
  | { readonly ok: false; readonly because: string | undefined }

/**
 * Writes a snapshot in place of the one before, whole or not at all, readable by its owner alone.
 * @param program the version that packs records so; no other one reads them.
 * @throws what the file system throws; the snapshot before is then still there.
 */
export function writeSnapshotFile(
  path: string,
  { position, image }: Snapshot,
  program: string,
): void {
  const header: Header = {
    program,
    position,
    counts: image.counts,
    words: {
      heap: image.heap.length,
      slots: image.slots.length,
      ids: image.ids.length,
      texts: image.texts.length,
    },
  }
  const described = describe(header)
  const written = `${path}.new`
  const file = openSync(written, 'w', 0o600)
  try {
    const digest = createHash(DIGEST)
    for (const part of [described, image.heap, image.slots, image.ids, image.texts]) {
      for (const piece of piecesOf(part)) {
        digest.update(piece)
        writeFileSync(file, piece)
      }
    }
    writeFileSync(file, digest.digest())
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(written, path)
}

/** Reads a snapshot. Whatever is wrong with the file, it is not used and says so; nothing is thrown. */
export function readSnapshotFile(path: string, program: string): ReadSnapshot {
  let file: number
  try {
    // Whoever puts something else in its place must not make a start wait for it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // what openSync throws
    return { ok: false, because: code === 'ENOENT' ? undefined : `it cannot be opened: ${code}` }
  }
  try {
    return readOpened(file, program)
  } catch (error) {
    return { ok: false, because: `it cannot be read: ${String(error)}` }
  } finally {
    closeSync(file)
  }
}

interface Header {
  readonly program: string
  readonly position: FeedPosition
  readonly counts: TableCounts
  /** How many words each part has. */
  readonly words: Record<(typeof PARTS)[number], number>
}

const PARTS = ['heap', 'slots', 'ids', 'texts'] as const

const DIGEST = 'sha256'
const DIGEST_BYTES = 32
/** The mark, and the length of the header's JSON. Both in the order of this machine's octets. */
const PREFIX_WORDS = 2
/** "KFS1" with the first octet lowest: another order of octets, or another format, reads otherwise. */
const MARK = 0x3153464b
const HEADER_BYTES_MAX = 65_536
/** Room for what changes next, so that the first change does not move everything. */
const ROOM = 1.25

function describe(header: Header): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const prefix = new Int32Array([MARK, json.length])
  return Buffer.concat([Buffer.from(prefix.buffer), json])
}

function readOpened(file: number, program: string): ReadSnapshot {
  const digest = createHash(DIGEST)
  const read = <Part extends NodeJS.ArrayBufferView>(part: Part): Part => {
    for (const piece of piecesOf(part)) {
      readWhole(file, piece)
      digest.update(piece)
    }
    return part
  }
  const [mark, headerBytes = 0] = read(new Int32Array(PREFIX_WORDS))
  if (mark !== MARK) return { ok: false, because: 'it is no snapshot of this format' }
  if (headerBytes < 0 || headerBytes > HEADER_BYTES_MAX) return DAMAGED
  const json = read(Buffer.alloc(headerBytes)).toString()
  // Not before its digest is known to be right is anything in it believed but the lengths.
  const header = JSON.parse(json) as Header
  const { heap: heapWords, slots: slotWords, ids: idWords, texts: textWords } = header.words
  const words = heapWords + slotWords + idWords + textWords
  const prefixBytes = PREFIX_WORDS * WORD_BYTES + headerBytes
  if (fstatSync(file).size !== prefixBytes + words * WORD_BYTES + DIGEST_BYTES) return DAMAGED
  const heap = newHeap(Math.ceil(heapWords * ROOM)).words.subarray(0, heapWords)
  const image = {
    heap: read(heap),
    slots: read(new Int32Array(slotWords)),
    ids: read(new Int32Array(idWords)),
    texts: read(new Int32Array(textWords)),
    counts: header.counts,
  }
  const written = Buffer.alloc(DIGEST_BYTES)
  readWhole(file, written)
  if (!digest.digest().equals(written)) return DAMAGED
  if (header.program !== program) {
    return { ok: false, because: `it is of version ${header.program}` }
  }
  return { ok: true, snapshot: { position: header.position, image } }
}

const DAMAGED: ReadSnapshot = { ok: false, because: 'it is damaged' }

/** Node takes less than 2 GiB at once, in each of what is done here; the heap of 30 million tokens is more. */
const PIECE_BYTES = 256 * 1024

function* piecesOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView) {
  for (let at = 0; at < byteLength; at += PIECE_BYTES) {
    yield new Uint8Array(buffer, byteOffset + at, Math.min(PIECE_BYTES, byteLength - at))
  }
}

function readWhole(file: number, part: NodeJS.ArrayBufferView): void {
  for (let done = 0; done < part.byteLength; ) {
    const count = readSync(file, part, done, part.byteLength - done, null)
    if (count === 0) throw new RangeError('it ends too early')
    done += count
  }
}
