import type { CheckProfileName } from '../../config/config.ts'
import type { CheckProfile } from './check-profile.ts'
import { PLAIN } from './plain.ts'

/** The profiles by their names in the setting `checkProfile`. */
export const CHECK_PROFILES: Record<CheckProfileName, CheckProfile> = { plain: PLAIN }
