import type { TokenText } from '@keyfence/core'
import { createHash } from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashToken } from '../../token/token.ts'
import type { Revision, TokenChange } from '../change-feed.ts'
import { savedChange } from '../saved-change-fixture.ts'
import { packedFence } from './packed-fence.ts'
import { readSnapshotFile, writeSnapshotFile } from './snapshot-file.ts'
import { writeSnapshot } from './write-snapshot.ts'

const VERSION = '1.2.3'
const DIGEST_BYTES = 32
const position = { epoch: 'first', revision: 7 as Revision }

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-snapshot-'))
  path = join(folder, 'fence.snapshot')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const tokenText = (at: number): TokenText => `kf_token_${at}` as TokenText

function saved(at: number): TokenChange {
  return savedChange({
    revision: at,
    tokenId: `tok_${at}`,
    owner: `owner-${at % 3}`,
    hash: hashToken(tokenText(at)),
    domains: [`s${at}.example.com`],
  })
}

function fenceOf(count: number) {
  const fence = packedFence()
  for (let at = 0; at < count; at++) fence.apply(saved(at))
  return fence
}

const write = (count: number): void =>
  writeSnapshotFile(path, { position, image: fenceOf(count).image() }, VERSION)

/** Why it is not used, or `undefined` if it is. */
function refusal(version = VERSION): string | undefined {
  const read = readSnapshotFile(path, version)
  return read.ok ? undefined : read.because
}

describe('a snapshot', () => {
  test.each([
    { count: 0, because: 'nothing is known yet' },
    { count: 1, because: 'the smallest' },
    { count: 3000, because: 'the table has grown' },
    { count: 6000, because: 'the heap is longer than what is written at once' },
  ])('of $count tokens says what the fence said: $because', ({ count }) => {
    write(count)
    const read = readSnapshotFile(path, VERSION)
    if (!read.ok) throw new Error(read.because)
    expect(read.snapshot.position).toEqual(position)
    const fence = packedFence({ image: read.snapshot.image })
    expect(fence.size).toBe(count)
    for (let at = 0; at < count; at++) {
      expect(fence.lookUp(tokenText(at))).toMatchObject({ policy: { tokenId: `tok_${at}` } })
    }
    expect(fence.lookUp(tokenText(count)).state).toBe('unknown')
    fence.apply(saved(count))
    expect(fence.lookUp(tokenText(count)).state).toBe('known')
  })

  test('is its owner’s alone', () => {
    write(1)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('is written by a thread while the fence changes, and holds what was there before', async () => {
    const fence = fenceOf(100)
    const writing = writeSnapshot({
      path,
      program: VERSION,
      snapshot: { position, image: fence.image() },
    })
    for (let at = 0; at < 3000; at++) fence.apply(saved(at + 50))
    await writing
    const read = readSnapshotFile(path, VERSION)
    if (!read.ok) throw new Error(read.because)
    expect(packedFence({ image: read.snapshot.image }).size).toBe(100)
  })

  test('that cannot be written leaves the one before', async () => {
    write(3)
    const snapshot = { position, image: fenceOf(1).image() }
    const elsewhere = join(folder, 'missing', 'fence.snapshot')
    await expect(
      writeSnapshot({ path: elsewhere, program: VERSION, snapshot }),
    ).rejects.toMatchObject({ code: 'ENOENT' })
    expect(refusal()).toBeUndefined()
  })
})

describe('a file that is not used', () => {
  test('is one that is not there, and that is nothing to tell of', () => {
    expect(readSnapshotFile(path, VERSION)).toEqual({ ok: false, because: undefined })
  })

  test('is one of another version: its records may be packed otherwise', () => {
    write(3)
    expect(refusal('1.2.4')).toMatch('1.2.3')
  })

  test('is one of another format, although its digest is right', () => {
    write(3)
    const octets = readFileSync(path).subarray(0, -DIGEST_BYTES)
    octets.writeUInt8(octets.readUInt8() ^ 1)
    writeFileSync(path, Buffer.concat([octets, createHash('sha256').update(octets).digest()]))
    expect(refusal()).toMatch('format')
  })

  test.each([
    { standing: 'a folder', at: () => folder },
    {
      standing: 'below what is none',
      at: () => {
        write(1)
        return join(path, 'fence.snapshot')
      },
    },
  ])('is $standing', ({ at }) => {
    const read = readSnapshotFile(at(), VERSION)
    expect(read).toMatchObject({ ok: false, because: expect.stringMatching(/E[A-Z]+DIR/) })
  })

  test('is not left open, nor is one that is', () => {
    for (let times = 0; times < 3; times++) {
      write(1)
      expect(refusal()).toBeUndefined()
      expect(refusal('1.2.4')).toBeDefined()
      expect(readSnapshotFile(folder, VERSION).ok).toBe(false)
    }
    expect(openIn(folder)).toEqual([])
  })

  /** Whatever this process has open there; others open and close what is theirs meanwhile. */
  function openIn(place: string): readonly string[] {
    return readdirSync('/proc/self/fd')
      .map((number) => {
        try {
          return readlinkSync(`/proc/self/fd/${number}`)
        } catch {
          return '' // the one that the list itself was read by
        }
      })
      .filter((target) => target.startsWith(place))
  }

  test('is one with a bit turned, wherever it is', () => {
    write(20)
    const octets = readFileSync(path)
    for (let at = 0; at < octets.length; at += 7) {
      const damaged = Buffer.from(octets)
      damaged.writeUInt8((octets[at] ?? 0) ^ (1 << (at % 8)), at)
      writeFileSync(path, damaged)
      expect(refusal()).toBeDefined()
    }
  })

  test('is one that was cut off, or that goes on', () => {
    write(20)
    const octets = readFileSync(path)
    for (let length = 0; length < octets.length; length += 11) {
      writeFileSync(path, octets.subarray(0, length))
      expect(refusal()).toBeDefined()
    }
    writeFileSync(path, Buffer.concat([octets, Buffer.alloc(1)]))
    expect(refusal()).toBeDefined()
  })
})
