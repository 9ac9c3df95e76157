import { randomBytes } from 'node:crypto'
import {
  createGuard,
  type Guard,
  type GuardDecision,
  type GuardWorld,
} from '../../guard/src/index.ts'
import {
  GUARD_DOORS,
  type GuardDoor,
  type RunningDoor,
  startGuardDoor,
} from '../../guard/test/guard-doors.ts'
import type { RunningApi } from '../src/api/running-api.ts'
import { exchange } from '../src/proxy/proxy-fixture.ts'

/** Applications of every framework behind one guard. */
export interface RunningGuard {
  ask(
    door: GuardDoor,
    method: 'GET' | 'HEAD' | 'OPTIONS',
    lines: readonly string[],
  ): Promise<GuardAnswer>
  close(): Promise<void>
}

/** What one of them said, and what the guard told it. */
export interface GuardAnswer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly decision: GuardDecision
}

/** Applications behind one guard that follows the same node, at the same time. */
export async function startGuarded(api: RunningApi): Promise<RunningGuard> {
  const guard = await createGuard(
    {
      url: `http://127.0.0.1:${api.place.port}`,
      key: await api.key(['feed']),
      trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'],
    },
    guardWorld(api),
  )
  let last: GuardDecision | undefined
  const watched: Guard = {
    ready: guard.ready,
    freshness: () => guard.freshness(),
    close: () => guard.close(),
    decide: (request) => {
      last = guard.decide(request)
      return last
    },
  }
  const started = new Map<GuardDoor, RunningDoor>()
  for (const door of GUARD_DOORS) started.set(door, await startGuardDoor(door, watched))
  return {
    ask: async (door, method, lines) => {
      last = undefined
      const request = [`${method} /orders HTTP/1.1`, 'Host: api.example', ...lines]
      const { status, fields, body } = await exchange(started.get(door)?.port ?? 0, request)
      if (last === undefined) throw new Error('the guard was not asked')
      return { status, headers: fields, body, decision: last }
    },
    close: async () => {
      for (const door of started.values()) await door.close()
      await guard.close()
    },
  }
}

/** The time of the node; pauses end with the guard, so that it follows no further. */
function guardWorld({ time }: RunningApi): GuardWorld {
  return {
    now: () => time.wall,
    monotonicMs: () => time.monotonic,
    fetch: (url, request) => fetch(url, request),
    random: () => 0.5,
    randomBytes: (size) => randomBytes(size),
    wait: (_ms, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve())
      }),
  }
}
