import { CHECK_COMBINATIONS } from './check-combinations.ts'
import type { Combination } from './combination.ts'
import type { Config, SettingName } from './config.ts'
import { originParts } from './http-origin.ts'
import { isLoopbackHost, isReachedBy, type ListenAddress } from './listen-address.ts'
import { PORTAL_COMBINATIONS } from './portal-combinations.ts'
import type { ConfigProblem, Written } from './written.ts'

/**
 * Refuses settings that are each in order and together are not.
 * @param refused settings that were refused by themselves: nothing more is said of them.
 */
export function refuseCombinations(
  config: Config,
  written: ReadonlyMap<SettingName, Written>,
  refused: ReadonlySet<SettingName>,
): ConfigProblem[] {
  return COMBINATIONS.flatMap(({ settings, code, refuse }) => {
    if (settings.some((name) => refused.has(name))) return []
    const message = refuse(config, written)
    if (message === undefined) return []
    // The place that somebody wrote, not a default that they may not know of.
    const place = settings.map((name) => written.get(name)?.place).find((found) => found)
    return [{ code, place: place ?? settings.join(', '), message }]
  })
}

const COMBINATIONS: readonly Combination[] = [
  {
    settings: ['adminListen', 'listen'],
    code: 'dangerous_value',
    refuse: ({ listen, adminListen }) =>
      isReachedBy(listen, adminListen.host, adminListen.port)
        ? 'listen and adminListen are the same: callers would reach the management API. Choose another port.'
        : undefined,
  },
  {
    settings: ['upstream', 'listen', 'adminListen'],
    code: 'dangerous_value',
    refuse: ({ upstream, listen, adminListen }) => {
      if (upstream === undefined) return undefined
      const { host, port } = originParts(upstream)
      const reaches = (listener: ListenAddress): boolean => isReachedBy(listener, host, port)
      if (reaches(listen)) return 'the upstream is the data listener itself: requests would circle.'
      return reaches(adminListen)
        ? 'the upstream is the management listener: callers would reach the management API.'
        : undefined
    },
  },
  {
    settings: ['publicUrl'],
    code: 'dangerous_value',
    refuse: ({ publicUrl }) => {
      const { scheme, host } = originParts(publicUrl)
      return scheme === 'https' || isLoopbackHost(host)
        ? undefined
        : 'sign-ins and secrets would cross the network in the clear. Put TLS in front and write https://…, or reach the console through localhost.'
    },
  },
  {
    settings: ['adminListen', 'publicUrl'],
    code: 'dangerous_value',
    refuse: ({ adminListen }, written) =>
      isLoopbackHost(adminListen.host) || written.has('publicUrl')
        ? undefined
        : 'the management listener is reachable from elsewhere. Say with publicUrl how browsers reach it (https://…), or bind it to 127.0.0.1.',
  },
  {
    settings: ['corsCredentials', 'corsOrigins'],
    code: 'dangerous_value',
    refuse: ({ corsCredentials, corsOrigins }) =>
      corsCredentials && corsOrigins === 'echo'
        ? 'with corsOrigins echo, every page could send its visitor’s cookies. Name the origins.'
        : undefined,
  },
  {
    settings: ['headersTimeoutMs', 'requestTimeoutMs'],
    code: 'bad_value',
    refuse: ({ headersTimeoutMs, requestTimeoutMs }) =>
      requestTimeoutMs !== 0 && headersTimeoutMs > requestTimeoutMs
        ? 'headersTimeoutMs is longer than requestTimeoutMs, which contains it.'
        : undefined,
  },
  {
    settings: ['pollIntervalMs', 'maxStalenessMs'],
    code: 'bad_value',
    refuse: ({ pollIntervalMs, maxStalenessMs }) =>
      pollIntervalMs * 2 > maxStalenessMs
        ? 'pollIntervalMs is more than half of maxStalenessMs: one late answer would stop everything.'
        : undefined,
  },
  {
    settings: ['upstreamHost', 'upstream'],
    code: 'bad_value',
    refuse: ({ upstream, upstreamHost }) =>
      upstreamHost !== undefined && upstream === undefined
        ? 'upstreamHost needs an upstream.'
        : undefined,
  },
  ...CHECK_COMBINATIONS,
  ...PORTAL_COMBINATIONS,
]
