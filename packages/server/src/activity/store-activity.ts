import type { Clock } from '../fence/clock.ts'
import type { Store } from '../store/store.ts'
import type { ActivitySettings, ActivitySink } from './activity-recorder.ts'
import { forgetActivity } from './forget-activity.ts'

/** The sink of a recorder that writes into the store, each batch in a transaction. */
export function storeActivity(
  store: Pick<Store, 'transact'>,
  clock: Pick<Clock, 'now'>,
  settings: ActivitySettings,
): ActivitySink {
  return {
    record: (batch) => store.transact(({ activity }) => activity.record(batch, settings)),
    forget: () => forgetActivity(store, { now: clock.now(), ...settings }),
  }
}
