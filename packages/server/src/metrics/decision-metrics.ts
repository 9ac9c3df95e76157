import type { Verdict } from '@keyfence/core'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Freshness } from '../fence/follow.ts'
import { type VerdictCount, VerdictTally } from './verdict-tally.ts'

/** What a node tells Prometheus. Labels never name a token or owner. */
export interface NodeMetrics {
  readonly registry: Registry
  /** Counts one judged request. */
  countVerdict(verdict: Verdict): void
  /** Adds what another thread has counted. */
  addVerdicts(counts: readonly VerdictCount[]): void
}

/** What the gauges read when they are asked. */
export interface MeasuredNode {
  readonly secrets: () => number
  readonly freshness: () => Freshness
  /** Resolves when other threads have added what they counted. Never rejects. */
  readonly counted: () => Promise<void>
}

/** The metrics of one node, in a registry of their own. */
export function nodeMetrics(node: MeasuredNode): NodeMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const tally = new VerdictTally()
  const decisions: Counter<keyof Omit<VerdictCount, 'calls'>> = new Counter({
    name: 'keyfence_decisions_total',
    help: 'Judged requests by effect, reason and source.',
    labelNames: ['effect', 'reason', 'source'],
    registers: [registry],
    collect: async () => {
      await node.counted()
      for (const { calls, ...labels } of tally.take()) decisions.inc(labels, calls)
    },
  })
  for (const { name, help, read } of gaugesOf(node)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => gauge.set(read()),
    })
  }
  return {
    registry,
    countVerdict: (verdict) => tally.count(verdict),
    addVerdicts: (counts) => {
      for (const count of counts) tally.add(count)
    },
  }
}

function gaugesOf({ secrets, freshness }: MeasuredNode) {
  return [
    { name: 'keyfence_secrets', help: 'Secrets of tokens that the fence knows.', read: secrets },
    {
      name: 'keyfence_staleness_seconds',
      help: 'Age of the copy of the tokens; infinite before the first.',
      read: () => (freshness().staleForMs ?? Number.POSITIVE_INFINITY) / 1000,
    },
    {
      name: 'keyfence_revision',
      help: 'Newest change that was applied.',
      read: (): number => freshness().revision,
    },
  ]
}
