import { formatIpAddress, type IpAddress, parseIpAddress } from '../address/ip-address.ts'
import { formatIpRange, type IpRangeProblem, parseIpRange } from '../address/ip-range.ts'
import { specialPurposeKind, specialPurposeKindIn } from '../address/special-purpose.ts'
import type { Parsed } from '../parsed.ts'
import { isPort } from '../request/authority.ts'
import {
  type CheckedEntry,
  type EntryAge,
  type EntryProblem,
  type EntrySettings,
  type EntryWarning,
  readEntryText,
} from './entry-problem.ts'

const SAMPLE = '8.8.8.8'

/**
 * Checks and normalises an address entry (spec §5): one IPv4 or IPv6 address, or a CIDR block
 * where `allowIpRanges` is on. `input` may be anything.
 */
export function checkIpEntry(
  input: unknown,
  settings: EntrySettings,
  age: EntryAge = 'new',
): Parsed<CheckedEntry, EntryProblem> {
  const read = readEntryText(input, SAMPLE)
  if (!read.ok) return read
  const text = read.value
  if (text.includes('/')) return checkRangeEntry(text, settings, age)
  const address = parseIpAddress(text)
  if (address === undefined) return refuse(notAnAddress(text))
  const kind = specialPurposeKind(address)
  if (kind !== undefined && age === 'new' && !settings.allowPrivateAddresses) {
    return refuse(special(formatIpAddress(address), kind))
  }
  return { ok: true, value: { value: formatIpAddress(address), warnings: warningsFor(address) } }
}

function checkRangeEntry(
  text: string,
  settings: EntrySettings,
  age: EntryAge,
): Parsed<CheckedEntry, EntryProblem> {
  const range = parseIpRange(text)
  if (!range.ok && range.problem === 'ip_syntax') return refuse(notAnAddress(text))
  if (age === 'new' && !settings.allowIpRanges) return refuse(rangeNotAllowed(text))
  if (!range.ok) return refuse(RANGE_PROBLEMS[range.problem])
  const value = formatIpRange(range.value)
  const kind = specialPurposeKindIn(range.value)
  if (kind !== undefined && age === 'new' && !settings.allowPrivateAddresses) {
    return refuse({
      code: 'ip_range_special',
      message: `${value} touches addresses that no public server has (${kind}). Enter the public block of your servers.`,
    })
  }
  return { ok: true, value: { value, warnings: [] } }
}

function refuse(problem: EntryProblem): Parsed<CheckedEntry, EntryProblem> {
  return { ok: false, problem }
}

const RANGE_PROBLEMS: Record<IpRangeProblem, EntryProblem> = {
  ip_syntax: {
    code: 'ip_syntax',
    message: `This is not an IP address. Enter one IPv4 or IPv6 address, like ${SAMPLE}.`,
  },
  ip_range_too_wide: {
    code: 'ip_range_too_wide',
    message: 'This block is everybody. Enter the narrowest block that holds your servers.',
  },
}

function notAnAddress(text: string): EntryProblem {
  if (hasPort(text)) {
    return {
      code: 'ip_has_port',
      message: `Enter the address without its port, like ${SAMPLE}. A request comes from any port.`,
    }
  }
  return RANGE_PROBLEMS.ip_syntax
}

/** `1.2.3.4:80` or `[2606:4700::1]:80`. Each part stops at what the next begins with: linear. */
function hasPort(text: string): boolean {
  const [, ipv4, ipv6, port = ''] = ADDRESS_AND_PORT.exec(text) ?? []
  const address = ipv4 ?? ipv6
  return address !== undefined && isPort(port) && parseIpAddress(address) !== undefined
}

const ADDRESS_AND_PORT = /^(?:([0-9.]+)|\[([^\]:]*:[^\]]*)\]):([0-9]+)$/

function rangeNotAllowed(text: string): EntryProblem {
  const address = text.slice(0, text.indexOf('/'))
  return {
    code: 'ip_range_not_allowed',
    message: `Blocks are not allowed here. Enter each server's own address, like ${address}.`,
  }
}

function special(address: string, kind: string): EntryProblem {
  return {
    code: 'ip_special',
    message: `${address} is no public address of a server (${kind}). Enter your server's public address; "curl https://…" from the server to a service that echoes it shows which.`,
  }
}

/** RFC 8981 addresses change daily and cannot be told for sure; those built from a MAC can. */
function warningsFor(address: IpAddress): EntryWarning[] {
  if (address.version === 4 || isStableInterface(address.words[2], address.words[3])) return []
  return [
    {
      code: 'ip_temporary',
      message:
        'If this is a privacy address (RFC 8981) it changes daily, and the server is locked out then. Use a static one.',
    },
  ]
}

/** A low interface identifier (`…::1`) was given by hand; `…ff:fe…` was made from a MAC address. */
function isStableInterface(high: number, low: number): boolean {
  return high === 0 || ((high & 0xff) === 0xff && low >>> 24 === 0xfe)
}
