import type { IpRange, TokenField, TokenText } from '@keyfence/core'
import type { DatabasePlace } from './database-url.ts'
import type { HttpOrigin } from './http-origin.ts'
import type { ListenAddress } from './listen-address.ts'

/**
 * Every setting, parsed and frozen. What each means, its range and its default stand in the table
 * `SETTINGS`; here is what the program gets. Times and sizes carry their unit in the name.
 */
export interface Config {
  /** Folder of the embedded store, as written: relative to the working folder. */
  readonly data: string
  /** `undefined`: the embedded store. Never printed with its password. */
  readonly databaseUrl: DatabasePlace | undefined
  /** Of one node; two more are for the feed. */
  readonly databaseConnectionsMax: number
  readonly databaseTimeoutMs: number
  readonly listen: ListenAddress
  readonly adminListen: ListenAddress
  /**
   * Where browsers reach the console. `localPublicUrl(0)` if it was not given and `adminListen` has
   * port 0: whoever binds the listener then puts the bound port in.
   */
  readonly publicUrl: HttpOrigin

  /** `undefined`: no owner portal on this node. */
  readonly portalListen: ListenAddress | undefined
  /**
   * Where browsers reach the owner portal, on this node or another; `undefined`: there is none.
   * `localPublicUrl(0)` as above.
   */
  readonly portalUrl: HttpOrigin | undefined
  /** Origins whose pages may frame the owner portal. */
  readonly portalFrameHosts: readonly HttpOrigin[]

  /** `undefined`: no proxy. */
  readonly upstream: HttpOrigin | undefined
  /** The `Host` that the upstream gets; `undefined`: the caller's own. */
  readonly upstreamHost: string | undefined
  readonly upstreamConnectionsMax: number
  readonly upstreamConnectTimeoutMs: number
  /** Until the first octet of the answer. */
  readonly upstreamTimeoutMs: number
  /** Between two octets of the answer; 0: no limit. */
  readonly upstreamIdleTimeoutMs: number
  /** Exact raw paths that pass without a token. */
  readonly openPaths: readonly string[]
  readonly forwardToken: boolean
  readonly forwardMetadata: boolean

  /** `undefined`: no check endpoint. */
  readonly checkProfile: CheckProfileName | undefined
  /** That a proxy which drops `Origin`, `Referer` and `Sec-Fetch-Site` was told to pass them. */
  readonly forwardsBrowserFields: boolean
  /** Who may ask the check endpoint. */
  readonly checkCallers: readonly IpRange[]
  /** What they must send as well; `undefined`: nothing. Never printed. */
  readonly checkSecret: string | undefined

  readonly trustedProxies: readonly IpRange[]
  readonly httpsOriginsOnly: boolean

  readonly tokenFields: readonly TokenField[]
  /** `undefined`: no query parameter carries a token. */
  readonly tokenQuery: string | undefined
  readonly tokenPrefix: string
  readonly maxDomains: number
  readonly maxIps: number
  readonly allowIpRanges: boolean
  readonly allowPrivateAddresses: boolean

  readonly corsPreflights: 'answer' | 'pass'
  /** Serialised origins in lower case without a default port. */
  readonly corsOrigins: 'echo' | readonly string[]
  readonly corsMethods: 'echo' | readonly string[]
  readonly corsHeaders: 'echo' | readonly string[]
  readonly corsMaxAgeS: number
  readonly corsCredentials: boolean
  readonly sharedCaching: boolean

  readonly headersTimeoutMs: number
  /** The whole request with its body; 0: no limit. */
  readonly requestTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** How long a caller may take nothing of an answer; 0: no limit. */
  readonly callerStalledTimeoutMs: number
  readonly connectionsMax: number
  readonly headerBytesMax: number
  readonly headerFieldsMax: number
  readonly drainDelayMs: number
  readonly drainTimeoutMs: number

  /** Threads that judge requests; 1: the one that does everything else. */
  readonly workers: number
  readonly maxStalenessMs: number
  readonly pollIntervalMs: number

  readonly activityDays: number
  readonly refusalsPerTokenMax: number
  readonly activityQueueMax: number

  /** Where the command line asks; `undefined`: in the data folder. */
  readonly managementUrl: HttpOrigin | undefined
  readonly managementBodyBytesMax: number
  readonly sessionIdleMinutes: number
  readonly sessionHoursMax: number
  /** `undefined`: no management key but those that were created. Never printed. */
  readonly managementKey: TokenText | undefined

  readonly logLevel: LogLevel
}

/** Which proxies may ask the check endpoint (spec §8.2). */
export const CHECK_PROFILE_NAMES = [
  'plain',
  'nginx',
  'haproxy',
  'traefik',
  'caddy',
  'apisix',
  'envoy',
] as const

export type CheckProfileName = (typeof CHECK_PROFILE_NAMES)[number]

/** The levels of pino. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** The name of a setting as `Config` has it. */
export type SettingName = keyof Config
