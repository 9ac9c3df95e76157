import type { RestrictionSettings } from '@keyfence/core'

/** How entries are judged until the settings of the server are known. */
export const DEFAULT_ENTRY_SETTINGS: RestrictionSettings = {
  maxDomains: 5,
  maxIps: 5,
  allowIpRanges: false,
  allowPrivateAddresses: false,
}
