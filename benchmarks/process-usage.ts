import { readdirSync, readFileSync } from 'node:fs'

/** What a process has used, as Linux counts it. */
export interface ProcessUsage {
  /** What is resident now, in MiB. */
  readonly memoryMb: number
  /** The most memory at a time, in MiB. */
  readonly memoryPeakMb: number
  /** User and system, all threads. */
  readonly cpuMs: number
  /** What it has read so far, of sockets too. */
  readonly readBytes: number
}

/** `/proc` counts CPU time in hundredths of a second, whatever the machine (proc_pid_stat(5)). */
const TICK_MS = 10

/** @throws if there is no such process */
export function usageOf(pid: number | undefined): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const io = readFileSync(`/proc/${pid}/io`, 'utf8')
  const { user, system } = statOf(String(pid))
  return {
    memoryMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    memoryPeakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024,
    cpuMs: (user + system) * TICK_MS,
    readBytes: Number(/rchar: (\d+)/.exec(io)?.[1]),
  }
}

/** User and system of a process, the children it has, and those that have ended, in milliseconds. */
export function familyCpuMs(pid: number): number {
  const { user, system, endedUser, endedSystem } = statOf(String(pid))
  let ticks = user + system + endedUser + endedSystem
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = whileThere(() => statOf(name))
    if (stat?.parent === pid) ticks += stat.user + stat.system
  }
  return ticks * TICK_MS
}

function whileThere<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined // it ended since the folder was read
  }
}

function statOf(pid: string) {
  // Behind the name of the program, which may hold anything: the state is the third field.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  const field = (at: number): number => Number(fields[at - 3])
  return {
    parent: field(4),
    user: field(14),
    system: field(15),
    endedUser: field(16),
    endedSystem: field(17),
  }
}
