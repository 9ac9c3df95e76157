import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import { SignInAttempts } from '../access/sign-in-attempts.ts'
import { NOTHING_OBSERVED } from '../activity/activity-recorder.ts'
import { managementApi } from '../api/management-api.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../fence/clock.ts'
import { packedFence } from '../fence/packed/packed-fence.ts'
import { follow } from '../fence/follow.ts'
import { nodeLog } from './node-log.ts'
import { apiSettings } from './node-settings.ts'
import { openStore } from './open-store.ts'

/** The management API without a listener. */
export interface OpenManagement {
  /** Answers as the operator is answered. */
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

/**
 * Opens the management API on the store itself, for one command while no node runs there.
 * A node that does run follows the same feed, and would apply the change at its next poll.
 * @throws StoreError
 */
export async function openManagement(config: Config, version: string): Promise<OpenManagement> {
  const store = await openStore(config, { random: randomBytes, progress: () => {} })
  const follower = follow({
    feed: store.feed,
    fence: packedFence(),
    clock: systemClock,
    pollIntervalMs: config.pollIntervalMs,
    maxStalenessMs: config.maxStalenessMs,
    alarm: () => {},
    changed: () => {},
  })
  const api = managementApi({
    store,
    follower,
    fleet: undefined,
    clock: systemClock,
    random: randomBytes,
    settings: apiSettings(config, config.publicUrl),
    metrics: new Registry(),
    activity: NOTHING_OBSERVED,
    attempts: new SignInAttempts(),
    consoleFiles: new Map(),
    observe: () => {},
    lastClient: async () => undefined,
    log: nodeLog('silent', process.stderr),
    version,
    startedAt: systemClock.now(),
    isDraining: () => false,
    isLoopLate: () => false,
  })
  return {
    fetch: async (request) => api.fetch(request, { caller: { kind: 'operator' } }),
    close: async () => {
      await follower.close()
      await store.close()
    },
  }
}
