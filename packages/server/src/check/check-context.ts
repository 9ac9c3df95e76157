import type { CorsSettings, IpRange, JudgeSettings } from '@keyfence/core'
import type { DoorContext } from '../enforcement/door-context.ts'
import type { DataListenerLimits, DataListenerTimeouts } from '../listener/data-listener.ts'
import type { CheckProfile } from './profiles/check-profile.ts'

/** What the check endpoint needs to know (spec §8.2). Checked before it gets here. */
export interface CheckSettings {
  readonly profile: CheckProfile
  readonly callers: CheckCallers
  /** How `/preflight` answers; whether the proxy has them answered there is its own setting. */
  readonly cors: CorsSettings
  readonly judge: JudgeSettings
  /** Off: `Keyfence-Metadata` is there and empty. */
  readonly forwardMetadata: boolean
  readonly timeouts: DataListenerTimeouts
  readonly limits: DataListenerLimits
}

/** Who may ask. */
export interface CheckCallers {
  readonly addresses: readonly IpRange[]
  /** SHA-256 of what they must send as well; `undefined`: nothing. */
  readonly secretHash: Buffer | undefined
}

/** The world as the check endpoint sees it. */
export interface CheckContext extends DoorContext {
  readonly settings: CheckSettings
}
