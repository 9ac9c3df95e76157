import {
  type IpRange,
  type IpRangeProblem,
  type Parsed,
  parseIpAddressOrRange,
} from '@keyfence/core'
import { parseEach, type SettingProblem } from './setting.ts'

/**
 * Reads the setting `trustedProxies`: addresses or CIDR blocks, host bits masked, mapped forms taken
 * as IPv4 (spec §4). A block that is everybody would let every caller choose its own address.
 */
export function parseTrustedProxies(
  elements: readonly string[],
): Parsed<readonly IpRange[], SettingProblem> {
  return parseEach(elements, parseTrustedProxy)
}

/** What to write instead of a trusted proxy that is none, or that is everybody. */
export const TRUSTED_PROXY_MESSAGES: Record<IpRangeProblem, string> = {
  ip_syntax: 'write IP addresses or CIDR blocks, like 10.0.0.5 or 10.0.0.0/8.',
  ip_range_too_wide:
    'this block is everybody, so every caller could choose its own address. Write the proxies’ own.',
}

function parseTrustedProxy(text: string): Parsed<IpRange, SettingProblem> {
  const range = parseIpAddressOrRange(text)
  if (range.ok) return range
  const code = range.problem === 'ip_range_too_wide' ? 'dangerous_value' : 'bad_value'
  return { ok: false, problem: { code, message: TRUSTED_PROXY_MESSAGES[range.problem] } }
}
