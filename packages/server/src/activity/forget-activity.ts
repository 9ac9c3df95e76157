import type { EpochMs } from '@keyfence/core'
import type { Store } from '../store/store.ts'
import type { ActivityWriter } from './activity-store.ts'
import { SPANS_MS } from './call-count.ts'

/** How long calls are counted by the minute, in days; then by the hour for `activityDays`. */
const DAYS_BY_MINUTE = 2
/** How long calls are counted by the day. */
const DAYS_BY_DAY = 400

/** Small transactions, so that others come in between. */
const ROWS_PER_TRANSACTION = 500
const TRANSACTIONS_MAX = 20

/**
 * Forgets what is older than it may be and sums old counts up: by the minute for two days, by the
 * hour for `activityDays`, by the day for 400 days. It is bounded; what is left waits for the next
 * time. @throws StoreError
 */
export async function forgetActivity(
  store: Pick<Store, 'transact'>,
  { now, activityDays }: { readonly now: EpochMs; readonly activityDays: number },
): Promise<void> {
  const { minute, hour, day } = SPANS_MS
  const kept = startOf(now - activityDays * day, day)
  const byMinute = startOf(now - Math.min(DAYS_BY_MINUTE, activityDays) * day, hour)
  const steps: readonly ((activity: ActivityWriter) => Promise<number>)[] = [
    (activity) => activity.forgetRefusals(kept, ROWS_PER_TRANSACTION),
    (activity) => activity.forgetSeen(kept, ROWS_PER_TRANSACTION),
    (activity) => activity.sumUpCounts({ from: minute, to: hour }, byMinute, ROWS_PER_TRANSACTION),
    (activity) => activity.sumUpCounts({ from: hour, to: day }, kept, ROWS_PER_TRANSACTION),
    (activity) => activity.forgetCounts(day, now - DAYS_BY_DAY * day, ROWS_PER_TRANSACTION),
    (activity) => activity.forgetTrafficHours(kept, ROWS_PER_TRANSACTION),
    (activity) => activity.forgetRefusedHours(byMinute, ROWS_PER_TRANSACTION),
  ]
  for (const step of steps) await repeat(store, step)
}

async function repeat(
  store: Pick<Store, 'transact'>,
  step: (activity: ActivityWriter) => Promise<number>,
): Promise<void> {
  for (let transactions = 0; transactions < TRANSACTIONS_MAX; transactions++) {
    const rows = await store.transact(({ activity }) => step(activity))
    if (rows < ROWS_PER_TRANSACTION) return
  }
}

/** Whole spans are moved: one that is cut in two would be counted in both. */
function startOf(time: EpochMs, spanMs: number): EpochMs {
  return time - (time % spanMs)
}
