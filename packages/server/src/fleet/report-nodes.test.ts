import { beforeEach, describe, expect, test } from 'vitest'
import type { Revision } from '../fence/change-feed.ts'
import type { NodeProgress, NodeReport } from './fleet-node.ts'
import { type AskingGuard, leaseMsOf, NodeReporter } from './report-nodes.ts'

const MAX_STALENESS_MS = 60_000

const time = { monotonic: 0 }
let progress: NodeProgress
let written: NodeReport[]
let isStoreAway: boolean
let warned: string[]
let reporter: NodeReporter

const at = (revision: number, epoch = 'e') => ({ epoch, revision: revision as Revision })
const identity = (id: string) =>
  ({ id, kind: 'server', name: 'edge', version: '1', startedAt: 0 }) as const

beforeEach(() => {
  time.monotonic = 0
  progress = { position: undefined, copyAgeMs: undefined, isDraining: false }
  written = []
  isStoreAway = false
  warned = []
  reporter = new NodeReporter({
    nodes: {
      report: async (reports) => {
        if (isStoreAway) throw new Error('away')
        written.push(...reports)
      },
      leave: async () => {},
      forget: async () => {},
    },
    self: identity('node_1'),
    progress: () => progress,
    maxStalenessMs: MAX_STALENESS_MS,
    clock: { now: () => 0, monotonicMs: () => time.monotonic },
    log: { info: () => {}, warn: (_, message) => warned.push(message) },
  })
})

/** What is written at this moment. */
async function flushed(): Promise<readonly NodeReport[]> {
  written = []
  await reporter.flush()
  return written
}

describe('what a node reports of itself', () => {
  test('a node is known before it has a copy', async () => {
    await reporter.register()
    expect(written).toMatchObject([{ id: 'node_1', position: undefined, leaseMs: 90_000 }])
  })

  test.each<{ after: string; next: Partial<NodeProgress>; ms: number; reports: number }>([
    { after: 'nothing', next: {}, ms: 0, reports: 0 },
    { after: 'polls without changes', next: { copyAgeMs: 3 }, ms: 14_999, reports: 0 },
    { after: 'a quarter of its staleness', next: {}, ms: 15_000, reports: 1 },
    { after: 'a change', next: { position: at(8) }, ms: 0, reports: 1 },
    { after: 'another feed', next: { position: at(7, 'other') }, ms: 0, reports: 1 },
    { after: 'the loss of its copy', next: { position: undefined }, ms: 0, reports: 1 },
    { after: 'its end began', next: { isDraining: true }, ms: 0, reports: 1 },
  ])('after $after it writes $reports times', async ({ next, ms, reports }) => {
    progress = { ...progress, position: at(7) }
    await reporter.register()
    progress = { ...progress, ...next }
    time.monotonic += ms
    expect(await flushed()).toHaveLength(reports)
  })

  test('a report that fails is counted, told once, and written with the next', async () => {
    isStoreAway = true
    await reporter.register()
    expect(await flushed()).toEqual([])
    expect(reporter.failures).toBe(2)
    expect(warned).toHaveLength(1)
    isStoreAway = false
    expect(await flushed()).toHaveLength(1)
    expect(await flushed()).toEqual([])
  })

  test('its lease outlives every decision that it may still take', () => {
    // Decided is until maxStaleness after the last poll, which was a quarter of it after a report at most.
    expect(leaseMsOf(MAX_STALENESS_MS) - MAX_STALENESS_MS / 4).toBeGreaterThan(MAX_STALENESS_MS)
  })
})

describe('what a node reports of guards', () => {
  const guard = (revision: number | undefined, maxStalenessMs = 20_000): AskingGuard => ({
    identity: { ...identity('guard_1'), kind: 'guard' },
    position: revision === undefined ? undefined : at(revision),
    maxStalenessMs,
  })

  test('a guard is known before it is first answered, with a lease by its own staleness', async () => {
    await reporter.register()
    written = []
    await reporter.asked(guard(undefined))
    expect(written).toMatchObject([{ id: 'guard_1', kind: 'guard', leaseMs: 30_000 }])
  })

  test('the place behind which it asks is what it has applied', async () => {
    await reporter.register()
    await reporter.asked(guard(undefined))
    time.monotonic += 1
    await reporter.asked(guard(9))
    expect(await flushed()).toMatchObject([{ id: 'guard_1', position: at(9) }])
  })

  test('a guard that asks no more is not kept alive', async () => {
    await reporter.register()
    await reporter.asked(guard(9))
    time.monotonic += 5000
    expect((await flushed()).filter(({ id }) => id === 'guard_1')).toEqual([])
    time.monotonic += 25_001
    expect((await flushed()).filter(({ id }) => id === 'guard_1')).toEqual([])
  })

  test('a guard that goes on asking is renewed, though nothing changes', async () => {
    await reporter.register()
    await reporter.asked(guard(9))
    time.monotonic += 5000
    await reporter.asked(guard(9))
    expect(await flushed()).toMatchObject([{ id: 'guard_1', leaseMs: 30_000 }])
  })
})
