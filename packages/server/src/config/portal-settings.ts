import { type HttpOrigin, originParts, parseHttpOrigin } from './http-origin.ts'
import { formatListenAddress, isLoopbackHost, parseListenAddress } from './listen-address.ts'
import { asWritten } from './plain-text.ts'
import { grouped, listSetting, parseEach, type SettingProblem, textSetting } from './setting.ts'
import type { Parsed } from '@keyfence/core'

/** The settings of the owner portal (spec §9). */
export const PORTAL_SETTINGS = grouped('Owner portal', {
  portalListen: textSetting({
    withoutDefault: 'none: no owner portal here',
    syntax: 'HOST:PORT',
    meaning:
      'Where the owner portal binds: the console’s pages for one owner, and nothing of the management API. Beyond loopback it needs portalUrl.',
    parseText: parseListenAddress,
    show: formatListenAddress,
  }),
  portalUrl: textSetting({
    withoutDefault: 'http://localhost and the port of portalListen',
    syntax: 'URL',
    meaning:
      'Where browsers reach the owner portal; its links are made from it, and no other host name is answered. https, or http to localhost. Not publicUrl.',
    parseText: parseHttpOrigin,
    show: asWritten,
  }),
  portalFrameHosts: listSetting({
    default: '',
    syntax: 'URL,…',
    meaning:
      'Whose pages may show the owner portal in a frame: https://app.example.com. No patterns. Without any, nobody’s.',
    parseList: parseFrameHosts,
    show: (hosts) => hosts,
  }),
})

/** Reads origins; over plain http none but this machine's own, for a try. */
function parseFrameHosts(
  elements: readonly string[],
): Parsed<readonly HttpOrigin[], SettingProblem> {
  return parseEach(elements, (text) => {
    const origin = parseHttpOrigin(text)
    if (!origin.ok) return origin
    const { scheme, host } = originParts(origin.value)
    if (!PLAIN_HOST.test(host)) return { ok: false, problem: NO_PATTERN }
    if (scheme === 'https' || isLoopbackHost(host)) return origin
    const message =
      'anybody on the way could put their own page around the portal. Write https://….'
    return { ok: false, problem: { code: 'dangerous_value', message } }
  })
}

/** The list becomes a part of a policy, where `*` is everybody and `;` begins another directive. */
const PLAIN_HOST = /^[a-z0-9.:_-]+$/

const NO_PATTERN = 'write whole origins like https://app.example.com, without a pattern.'
