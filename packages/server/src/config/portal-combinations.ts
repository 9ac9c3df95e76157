import type { Combination } from './combination.ts'
import { originParts } from './http-origin.ts'
import { isLoopbackHost, isReachedBy } from './listen-address.ts'

/** What may not be said together of the owner portal. */
export const PORTAL_COMBINATIONS: readonly Combination[] = [
  {
    settings: ['portalListen', 'listen', 'adminListen'],
    code: 'dangerous_value',
    refuse: ({ portalListen, listen, adminListen }) => {
      if (portalListen === undefined) return undefined
      const { host, port } = portalListen
      return [listen, adminListen].some((listener) => isReachedBy(listener, host, port))
        ? 'portalListen is the place of another listener: owners would meet callers or the management API. Choose another port.'
        : undefined
    },
  },
  {
    settings: ['upstream', 'portalListen'],
    code: 'dangerous_value',
    refuse: ({ upstream, portalListen }) => {
      if (upstream === undefined || portalListen === undefined) return undefined
      const { host, port } = originParts(upstream)
      return isReachedBy(portalListen, host, port)
        ? 'the upstream is the owner portal: callers would reach it in place of an API.'
        : undefined
    },
  },
  {
    settings: ['portalUrl'],
    code: 'dangerous_value',
    refuse: ({ portalUrl }) => {
      if (portalUrl === undefined) return undefined
      const { scheme, host } = originParts(portalUrl)
      return scheme === 'https' || isLoopbackHost(host)
        ? undefined
        : 'sessions and secrets of owners would cross the network in the clear. Put TLS in front and write https://…, or reach the portal through localhost.'
    },
  },
  {
    settings: ['portalUrl', 'publicUrl'],
    code: 'dangerous_value',
    refuse: ({ portalUrl, publicUrl }, written) =>
      // Of listeners on one port it is said above.
      portalUrl === publicUrl && (written.has('portalUrl') || written.has('publicUrl'))
        ? 'portalUrl and publicUrl are the same: a browser would take pages of owners for those of administrators. Give the portal a host name of its own.'
        : undefined,
  },
  {
    settings: ['portalListen', 'portalUrl'],
    code: 'dangerous_value',
    refuse: ({ portalListen }, written) =>
      portalListen === undefined || isLoopbackHost(portalListen.host) || written.has('portalUrl')
        ? undefined
        : 'the owner portal is reachable from elsewhere. Say with portalUrl how browsers reach it (https://…), or bind it to 127.0.0.1.',
  },
  {
    settings: ['portalFrameHosts', 'portalListen'],
    code: 'bad_value',
    refuse: ({ portalFrameHosts, portalListen }) =>
      portalFrameHosts.length > 0 && portalListen === undefined
        ? 'portalFrameHosts says who frames the owner portal, and there is none here: give portalListen.'
        : undefined,
  },
]
