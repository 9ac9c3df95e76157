import { Counter, type Registry } from 'prom-client'

/** What the metrics tell of event loops, of all threads together, since the start. */
export interface MeasuredLoops {
  /** By how much turns were late that were too late, in milliseconds. */
  readonly lateMs: number
  /** Requests that were turned away for it. */
  readonly shed: number
}

/** Registers how late the event loops are; read when the metrics are asked for. */
export function registerLoopMetrics(registry: Registry, loops: MeasuredLoops): void {
  const late = new Counter({
    name: 'keyfence_event_loop_late_seconds_total',
    help: 'By how much turns of event loops were late, those by 200 ms or less apart.',
    registers: [registry],
    collect: () => {
      late.reset()
      late.inc(loops.lateMs / 1000)
    },
  })
  const shed = new Counter({
    name: 'keyfence_requests_shed_total',
    help: 'Requests that might pass and were answered 503, because the event loop was too late.',
    registers: [registry],
    collect: () => {
      shed.reset()
      shed.inc(loops.shed)
    },
  })
}
