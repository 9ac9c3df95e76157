import type { EpochMs } from '@keyfence/core'

/** The two times that a guard has. */
export interface GuardClock {
  /** Wall time. It may leap, in both directions. */
  now(): EpochMs
  /** Milliseconds that only grow, from an unknown start. */
  monotonicMs(): number
}

/** The world as a guard sees it; passed in, so that a test can say what it is. */
export interface GuardWorld extends GuardClock {
  fetch(url: string, request: RequestInit): Promise<Response>
  /** From 0 up to 1: how long pauses are, so that many guards do not ask at once. */
  random(): number
  randomBytes(size: number): Uint8Array
  /** Resolves after the time, or at once when the signal aborts. Keeps no process alive. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** The platform's own: Node 20 and later, Deno, Bun, Workers. */
export const platformWorld: GuardWorld = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  fetch: (url, request) => fetch(url, request),
  random: () => Math.random(),
  randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve()
        return
      }
      const timer: unknown = setTimeout(done, ms)
      function done(): void {
        signal.removeEventListener('abort', ended)
        resolve()
      }
      function ended(): void {
        clearTimeout(timer as ReturnType<typeof setTimeout>) // what setTimeout gave
        done()
      }
      signal.addEventListener('abort', ended)
      letExit(timer)
    }),
}

/** Node's timers keep its process alive unless told otherwise; those of others are numbers. */
function letExit(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return
  if (typeof timer.unref === 'function') timer.unref()
}
