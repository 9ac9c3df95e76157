import {
  formatIpRange,
  type IpRange,
  type IpRangeProblem,
  type Parsed,
  parseIpAddressOrRange,
} from '@keyfence/core'
import { CHECK_PROFILE_NAMES, type CheckProfileName } from './config.ts'
import {
  booleanSetting,
  choiceSetting,
  grouped,
  listSetting,
  parseEach,
  secretSetting,
  type SettingProblem,
} from './setting.ts'

/** The settings of the check endpoint (spec §8.2). */
export const CHECK_SETTINGS = grouped('Check endpoint', {
  checkProfile: choiceSetting<CheckProfileName>({
    withoutDefault: 'none: no check endpoint',
    choices: CHECK_PROFILE_NAMES,
    meaning:
      'Which proxy asks, and so where the original request stands. The data listener then serves /check in place of the proxy.',
  }),
  forwardsBrowserFields: booleanSetting(
    'Your word that the proxy was told to pass Origin, Referer and Sec-Fetch-Site on. Needed with the profiles envoy and apisix: these drop them otherwise, and every browser would be taken for a server.',
  ),
  checkCallers: listSetting({
    default: '127.0.0.0/8, ::1',
    syntax: 'ADDRESS|CIDR,…',
    meaning:
      'Who may ask the check endpoint. This is not trustedProxies, on which a proxy that asks usually belongs too.',
    parseList: parseCheckCallers,
    show: (ranges) => ranges.map(formatIpRange),
  }),
  checkSecret: secretSetting({
    syntax: 'SECRET',
    meaning:
      'What who asks must send in Keyfence-Check-Secret as well. 16 visible ASCII characters or more.',
    parseText: parseCheckSecret,
  }),
})

function parseCheckCallers(
  elements: readonly string[],
): Parsed<readonly IpRange[], SettingProblem> {
  return parseEach(elements, (text) => {
    const range = parseIpAddressOrRange(text)
    return range.ok ? range : { ok: false, problem: CALLER_PROBLEMS[range.problem] }
  })
}

const CALLER_PROBLEMS: Record<IpRangeProblem, SettingProblem> = {
  ip_syntax: {
    code: 'bad_value',
    message: 'write IP addresses or CIDR blocks, like 10.0.0.5 or 10.0.0.0/8.',
  },
  ip_range_too_wide: {
    code: 'dangerous_value',
    message:
      'this block is everybody, so every caller could ask in the name of others. Write the proxies’ own.',
  },
}

function parseCheckSecret(text: string): Parsed<string, SettingProblem> {
  if (!VISIBLE.test(text)) {
    return refuse('bad_value', 'write 16–512 visible ASCII characters without a blank.')
  }
  return text.length < SECRET_LENGTH_MIN
    ? refuse('dangerous_value', 'too short to be safe. Make one with: openssl rand -hex 32')
    : { ok: true, value: text }
}

const SECRET_LENGTH_MIN = 16
const VISIBLE = /^[!-~]{1,512}$/

function refuse(code: SettingProblem['code'], message: string): Parsed<never, SettingProblem> {
  return { ok: false, problem: { code, message } }
}
