/** Tells the benchmark where this server listens, and how much CPU it has used whenever asked. */
export function announce(port: number): void {
  announceCpu(port, () => process.cpuUsage())
}

/** The same of a server that is more than this process. */
export function announceCpu(port: number, usage: () => NodeJS.CpuUsage): void {
  process.send?.({ port })
  process.on('message', () => process.send?.(usage()))
}
