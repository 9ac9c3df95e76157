import { describe, expect, test } from 'vitest'
import type { Revision } from '../../fence/change-feed.ts'
import type { KnownNode, NodeReport } from '../../fleet/fleet-node.ts'
import { type ContractAt, NOW } from './contract-store.ts'

function newReport(more: Partial<NodeReport> = {}): NodeReport {
  return {
    id: 'node_1',
    kind: 'server',
    name: 'edge-1',
    version: '1.2.3',
    startedAt: NOW,
    position: { epoch: 'first', revision: 7 as Revision },
    copyAgeMs: 400,
    isDraining: false,
    leaseMs: 90_000,
    ...more,
  }
}

const at = (revision: number, epoch = 'first'): NodeReport['position'] => ({
  epoch,
  revision: revision as Revision,
})

/** What every store does with what nodes report. */
export function nodeContract({ store, reopen }: ContractAt): void {
  const report = (...reports: readonly NodeReport[]) => store().nodes.report(reports)
  const listed = async (): Promise<readonly KnownNode[]> => store().nodes.list()

  describe('nodes', () => {
    test('come back as they reported, in the order of their ids, after opening again too', async () => {
      const silent = newReport({
        id: 'node_2',
        kind: 'guard',
        position: undefined,
        copyAgeMs: undefined,
        isDraining: true,
      })
      await report(silent, newReport())
      await reopen()
      const { leaseMs: _, copyAgeMs: age, ...first } = newReport()
      const { leaseMs: __, ...second } = silent
      const [one, two, ...others] = await listed()
      expect([one, two]).toMatchObject([first, second])
      expect(others).toEqual([])
      expect(one?.copyAgeMs).toBeGreaterThanOrEqual(age ?? 0)
      expect(one?.reportedMsAgo).toBeGreaterThanOrEqual(0)
    })

    test('a later report stands in place of the one before', async () => {
      await report(newReport())
      await report(newReport({ position: at(8), version: '1.2.4', isDraining: true }))
      const nodes = await listed()
      expect(nodes).toHaveLength(1)
      expect(nodes).toMatchObject([{ position: at(8), version: '1.2.4', isDraining: true }])
    })

    test.each<{ next: NodeReport['position']; stays: NodeReport['position']; because: string }>([
      { next: at(6), stays: at(7), because: 'two places report one guard, the older one last' },
      { next: at(3, 'second'), stays: at(3, 'second'), because: 'the feed is another one' },
      { next: undefined, stays: undefined, because: 'it has lost its copy' },
    ])(
      'the later place in the same feed counts, and another feed: $because',
      async ({ next, stays }) => {
        await report(newReport({ position: at(7) }))
        await report(newReport({ position: next }))
        expect(await listed()).toMatchObject([{ position: stays }])
      },
    )

    test('no reports are no mistake', async () => {
      await report()
      await store().nodes.leave([])
      expect(await listed()).toEqual([])
    })
  })
}

/** How long a node counts. */
export function leaseContract({ store }: ContractAt): void {
  const report = (...reports: readonly NodeReport[]) => store().nodes.report(reports)
  const idsListed = async () => (await store().nodes.list()).map(({ id }) => id)

  describe('leases of nodes', () => {
    test('run from the report on by the clock of the store', async () => {
      await report(newReport({ leaseMs: 90_000 }), newReport({ id: 'node_2', leaseMs: 0 }))
      const [one, two] = await store().nodes.list()
      expect(one?.leaseLeftMs).toBeGreaterThan(60_000)
      expect(one?.leaseLeftMs).toBeLessThanOrEqual(90_000)
      expect(two?.leaseLeftMs).toBeLessThanOrEqual(0)
    })

    test('are not shortened by a later report', async () => {
      await report(newReport({ leaseMs: 90_000 }))
      await report(newReport({ leaseMs: 10 }))
      const [node] = await store().nodes.list()
      expect(node?.leaseLeftMs).toBeGreaterThan(60_000)
    })

    test('who leaves is gone at once, and no one else', async () => {
      await report(newReport(), newReport({ id: 'node_2' }))
      await store().nodes.leave(['node_1', 'node_3'])
      expect(await idsListed()).toEqual(['node_2'])
    })

    test('who has been gone for long enough is forgotten', async () => {
      await report(newReport({ leaseMs: -2000 }), newReport({ id: 'node_2', leaseMs: -500 }))
      await store().nodes.forget(1000)
      expect(await idsListed()).toEqual(['node_2'])
    })
  })
}
