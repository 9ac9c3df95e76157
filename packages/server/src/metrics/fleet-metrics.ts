import { Counter, type Registry } from 'prom-client'

/** Registers what the other nodes were not told; read when the metrics are asked for. */
export function registerFleetMetrics(registry: Registry, failures: () => number): void {
  const counter = new Counter({
    name: 'keyfence_node_reports_failed_total',
    help: 'Reports of how far this node is that could not be written to the store.',
    registers: [registry],
    collect: () => {
      counter.reset()
      counter.inc(failures())
    },
  })
}
