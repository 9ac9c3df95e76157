import { array, assert, boolean, constantFrom, integer, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { closeFrame, FrameBoundaries } from './web-socket-frames.ts'

function frame(length: number, isMasked: boolean): Buffer {
  const mask = isMasked ? 0x80 : 0
  const header =
    length < 126
      ? [0x82, mask | length]
      : length < 65_536
        ? [0x82, mask | 126, length >> 8, length & 255]
        : [0x82, mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length + (isMasked ? 4 : 0), 0xff)])
}

const LENGTHS = constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)

test('boundaries are found however frames are cut into chunks', () => {
  assert(
    property(
      array(tuple(LENGTHS, boolean()), { minLength: 1, maxLength: 4 }),
      array(integer({ min: 1, max: 5_000 }), { minLength: 1 }),
      (frames, steps) => {
        const octets = Buffer.concat(frames.map(([length, isMasked]) => frame(length, isMasked)))
        const ends = new Set([0])
        for (const [length, isMasked] of frames) {
          ends.add(Math.max(...ends) + frame(length, isMasked).length)
        }
        const boundaries = new FrameBoundaries()
        let at = 0
        for (let turn = 0; at < octets.length; turn++) {
          const step = steps[turn % steps.length] ?? 1
          boundaries.advance(octets.subarray(at, at + step))
          at = Math.min(at + step, octets.length)
          expect(boundaries.isBetweenFrames).toBe(ends.has(at))
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('a close frame leaves the stream between frames', () => {
  for (const sender of ['caller', 'upstream'] as const) {
    const boundaries = new FrameBoundaries()
    boundaries.advance(closeFrame(1008, sender))
    expect(boundaries.isBetweenFrames).toBe(true)
  }
})
