import { type IpRange, parseIpAddress, parseIpAddressOrRange, rangeContains } from '@keyfence/core'
import type { ApiMiddleware } from '../api-context.ts'
import { doorUrl, doorUrlSetting } from '../door-url.ts'
import { problemAnswer } from '../problem.ts'

/**
 * Answers only for the host of `publicUrl` (`portalUrl`) and for loopback, so that no name that somebody points
 * at this address makes a browser read from here (DNS rebinding). Callers whom the transport proves
 * come by no name.
 */
export const hostGate: ApiMiddleware = async (c, next) => {
  const asked = [c.req.header('host') ?? '', new URL(c.req.url).host]
  const url = doorUrl(c)
  if (c.env.caller !== undefined || asked.every((host) => isServedHost(host, url))) {
    return next()
  }
  return problemAnswer(c, {
    code: 'misdirected_host',
    facts: {
      detail: `Only ${new URL(url).host} and loopback are served. Check ${doorUrlSetting(c)}.`,
    },
  })
}

/**
 * Whether a `Host` is served: the host name of `publicUrl`, `localhost`, `127.0.0.0/8` or `[::1]`,
 * with any port or none.
 */
export function isServedHost(host: string, publicUrl: string): boolean {
  const name = HOST.exec(host.toLowerCase())?.[1]
  if (name === undefined) return false
  return name === 'localhost' || name === new URL(publicUrl).hostname || isLoopback(name)
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?$/

function isLoopback(name: string): boolean {
  const address = parseIpAddress(name.replace(/^\[|\]$/g, ''))
  return address !== undefined && LOOPBACK.some((range) => rangeContains(range, address))
}

const LOOPBACK: readonly IpRange[] = ['127.0.0.0/8', '::1'].flatMap((text) => {
  const range = parseIpAddressOrRange(text)
  return range.ok ? [range.value] : []
})
