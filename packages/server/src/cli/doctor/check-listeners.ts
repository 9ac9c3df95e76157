import { formatIpRange, type IpRange } from '@keyfence/core'
import type { Config } from '../../config/config.ts'
import {
  formatListenAddress,
  isLoopbackHost,
  type ListenAddress,
} from '../../config/listen-address.ts'
import { type Finding, note, problem } from './finding.ts'

/** Looks at who reaches what by the settings; what is dangerous for certain is refused at the start. */
export function checkListeners(config: Config): readonly Finding[] {
  const { adminListen, portalListen, listen } = config
  const opens = config.upstream !== undefined || config.checkProfile !== undefined
  return [
    ...(opens ? checkReach(listen, 'data') : []),
    ...checkReach(adminListen, 'management'),
    ...(portalListen === undefined ? [] : checkReach(portalListen, 'portal')),
    ...checkCallersOf(config),
  ]
}

type Door = 'data' | 'management' | 'portal'

const WHAT: Readonly<Record<Door, string>> = {
  data: 'tokens',
  management: 'passwords, keys and new tokens',
  portal: 'sessions of owners and new tokens',
}

function checkReach(listener: ListenAddress, door: Door): readonly Finding[] {
  if (isLoopbackHost(listener.host)) return []
  const where = formatListenAddress(listener)
  const message = `The ${door} listener is reached from elsewhere on ${where}, without TLS: ${WHAT[door]} cross that network in the clear.`
  const remedy = `Let nobody but what ends TLS reach ${where}: bind it to 127.0.0.1, or close the port to others.`
  return [note(`${door} listener`, message, remedy)]
}

/** As many addresses as a network of one's own has, at the most. */
const IPV4_BITS_MIN = 16
const IPV6_BITS_MIN = 48

function checkCallersOf({ checkProfile, checkCallers, checkSecret }: Config): readonly Finding[] {
  if (checkProfile === undefined || checkSecret !== undefined) return []
  const others = checkCallers.filter((range) => !isLoopback(range))
  if (others.length === 0) return []
  const named = others.map(formatIpRange).join(', ')
  const message = `Whoever is in ${named} may ask the check endpoint, and so try tokens from any address they name.`
  const remedy = 'Set checkSecret, and have the proxy send it; or name the proxies’ own addresses.'
  return others.some(isWide)
    ? [problem('check callers', message, remedy)]
    : [note('check callers', message, remedy)]
}

function isLoopback(range: IpRange): boolean {
  const text = formatIpRange(range)
  return text.startsWith('127.') || text === '::1' || text === '::1/128'
}

function isWide(range: IpRange): boolean {
  const bitsMin = formatIpRange(range).includes(':') ? IPV6_BITS_MIN : IPV4_BITS_MIN
  return range.prefixLength < bitsMin
}
