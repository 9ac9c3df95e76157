import type { Combination } from './combination.ts'
import type { CheckProfileName } from './config.ts'

/** What may not be said together of the check endpoint. */
export const CHECK_COMBINATIONS: readonly Combination[] = [
  {
    settings: ['checkProfile', 'upstream'],
    code: 'bad_value',
    refuse: ({ checkProfile, upstream }) =>
      checkProfile !== undefined && upstream !== undefined
        ? 'checkProfile and upstream are both given, and the data listener is one: the check endpoint or the proxy. Leave one out, or run two nodes.'
        : undefined,
  },
  {
    settings: ['checkSecret', 'checkCallers', 'checkProfile'],
    code: 'bad_value',
    refuse: ({ checkProfile }, written) =>
      checkProfile === undefined && (written.has('checkSecret') || written.has('checkCallers'))
        ? 'checkSecret and checkCallers protect the check endpoint, and there is none: give checkProfile.'
        : undefined,
  },
  {
    settings: ['checkProfile', 'forwardsBrowserFields'],
    code: 'dangerous_value',
    refuse: ({ checkProfile, forwardsBrowserFields }) =>
      checkProfile !== undefined && DROPS_BROWSER_FIELDS.has(checkProfile) && !forwardsBrowserFields
        ? `${checkProfile} does not pass Origin, Referer and Sec-Fetch-Site on by itself, and without them every browser is taken for a server. Tell it to pass them (examples/${checkProfile}), then set forwardsBrowserFields to true.`
        : undefined,
  },
]

/** Proxies that send a check those fields alone which their configuration lists. */
const DROPS_BROWSER_FIELDS: ReadonlySet<CheckProfileName> = new Set(['envoy', 'apisix'])
