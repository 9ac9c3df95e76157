import type { ActivityBatch } from '../../activity/activity-batch.ts'
import { SPANS_MS } from '../../activity/call-count.ts'
import type { Store } from '../store.ts'
import { newToken, NOW } from './contract-store.ts'

/** A token with activity. Activity asks nothing of the token itself. */
export const TOKEN = newToken().id

/** Another one. */
export const OTHER_TOKEN = newToken().id

/** The minute of `NOW`. */
export const MINUTE = NOW - (NOW % SPANS_MS.minute)

/** Records a batch of what is given and nothing else. */
export function record(
  store: Store,
  batch: Partial<ActivityBatch>,
  refusalsPerTokenMax = 100,
): Promise<void> {
  const whole = { minute: MINUTE, refusals: [], counts: [], seen: [], used: [], ...batch }
  return store.transact(({ activity }) => activity.record(whole, { refusalsPerTokenMax }))
}
