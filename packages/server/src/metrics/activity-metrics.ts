import { Counter, type Registry } from 'prom-client'
import type { DroppedActivity } from '../activity/activity-batch.ts'

/** Registers what could not be recorded; read when the metrics are asked for. */
export function registerActivityMetrics(registry: Registry, dropped: () => DroppedActivity): void {
  const counter: Counter<'kind'> = new Counter({
    name: 'keyfence_activity_dropped_total',
    help: 'Calls that were judged and not recorded, by what of them is missing.',
    labelNames: ['kind'],
    registers: [registry],
    collect: () => {
      counter.reset()
      for (const [kind, calls] of Object.entries(dropped())) counter.inc({ kind }, calls)
    },
  })
}
