/** Tells the benchmark where this server listens, and how much CPU it has used whenever asked. */
export function announce(port: number): void {
  process.send?.({ port })
  process.on('message', () => process.send?.(process.cpuUsage()))
}
