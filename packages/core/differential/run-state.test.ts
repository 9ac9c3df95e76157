import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { chunksOf, runChunk } from './chunk.ts'
import { chunksLeft, firstState, readState, saveState, withResult } from './run-state.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyfence-differential-'))
afterAll(() => rmSync(folder, { recursive: true }))

const plan = { cases: 20_000, seed: 7, kind: 'state' } as const
const chunks = chunksOf(plan)
const result = { kind: 'state', cases: 5000, outcomes: { valid: 5000 }, difference: null } as const

const left = (done: readonly number[]) => {
  const state = done.reduce((so, index) => withResult(so, index, result), firstState(plan))
  return chunksLeft(state, chunks).map(([index]) => index)
}

describe('a run that goes on where it stopped', () => {
  test.each<{ done: number[]; gives: number[]; because: string }>([
    { done: [], gives: [0, 1, 2, 3], because: 'nothing is done' },
    { done: [0, 1], gives: [2, 3], because: 'the first ones are done' },
    { done: [2], gives: [0, 1, 3], because: 'another thread was quicker' },
    { done: [1, 0, 3], gives: [2], because: 'a gap is left, not what is around it' },
    { done: [3, 2, 1, 0], gives: [], because: 'all is done, in whatever order' },
  ])('after $done has $gives left: $because', ({ done, gives }) => {
    expect(left(done)).toEqual(gives)
  })

  test('has, after it was saved and read, the outcomes of a run in one go', () => {
    const path = join(folder, 'state.json')
    const small = { cases: 60, seed: 11, kind: null } as const
    const all = chunksOf(small)
    let state = firstState(small)
    for (const [index, chunk] of all.entries()) {
      saveState(path, withResult(state, index, runChunk(chunk)))
      const kept = readState(path)
      expect(kept).toBeDefined()
      state = kept ?? state
    }
    expect(state.cases).toBe(60)
    expect(chunksLeft(state, all)).toEqual([])
    expect(Object.keys(state.outcomes).length).toBeGreaterThan(4)
  })

  test('is not begun where there is no file', () => {
    expect(readState(join(folder, 'none.json'))).toBeUndefined()
  })
})
