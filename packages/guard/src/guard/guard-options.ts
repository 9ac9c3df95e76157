import {
  type CorsSettings,
  DEFAULT_CORS,
  type IpRange,
  parseIpAddressOrRange,
  type TrustedProxies,
} from '@keyfence/core'
import type { GuardAlarm } from '../feed/follow-feed.ts'
import type { KeyfenceAddress } from '../feed/read-feed.ts'
import type { SnapshotFile } from './snapshot-file.ts'

/** What a guard is told. */
export interface GuardOptions {
  /** Where the management listener of Keyfence is: `https://keyfence.internal:8081`. */
  readonly url: string
  /** A management key with the scope `feed`, perhaps bound to one owner: `kfm_…`. */
  readonly key: string
  /** Peers whose `X-Forwarded-For` is believed: addresses and CIDR blocks. Default: none. */
  readonly trustedProxies?: readonly string[]
  /** How old the copy of the tokens may be, in milliseconds, 5,000 to 3,600,000. Default: 60,000. */
  readonly maxStalenessMs?: number
  /**
   * What becomes of requests when the copy is older: `refuse` with 503 (the default), or `goOn` with
   * what is known, though a token may have been revoked since.
   */
  readonly whenStale?: 'refuse' | 'goOn'
  /** How preflights are answered, as the settings `cors…` of Keyfence say it. */
  readonly cors?: Partial<CorsSettings>
  /** Where the copy is kept for the next start, see `@keyfence/guard/snapshot`. Default: nowhere. */
  readonly snapshot?: SnapshotFile
  /** Whether `http://` will do for an address that is not this machine: everybody on the way reads the key. */
  readonly allowPlainHttp?: boolean
  /** Whether Keyfence is told of refusals and counts. Default: true. */
  readonly reportActivity?: boolean
  /** Told of what goes wrong; never given a token, hash or key. */
  readonly onAlarm?: (alarm: GuardAlarm) => void
}

/** The options, read. */
export interface GuardSettings {
  readonly keyfence: KeyfenceAddress
  readonly trustedProxies: TrustedProxies
  readonly maxStalenessMs: number
  readonly whenStale: 'refuse' | 'goOn'
  readonly cors: CorsSettings
}

const STALENESS_MS: readonly [number, number] = [5_000, 3_600_000]

/** @throws TypeError that says what to write instead */
export function readOptions(options: GuardOptions): GuardSettings {
  const { maxStalenessMs = 60_000, whenStale = 'refuse', trustedProxies = [], cors } = options
  const [least, most] = STALENESS_MS
  if (!(maxStalenessMs >= least && maxStalenessMs <= most)) {
    throw new TypeError(`maxStalenessMs: give milliseconds from ${least} to ${most}.`)
  }
  if (whenStale !== 'refuse' && whenStale !== 'goOn') {
    throw new TypeError("whenStale: give 'refuse' or 'goOn'.")
  }
  return {
    keyfence: { url: readUrl(options), key: readKey(options.key) },
    trustedProxies: trustedProxies.map(readProxy),
    maxStalenessMs,
    whenStale,
    cors: { ...DEFAULT_CORS, ...cors },
  }
}

function readUrl({ url, allowPlainHttp = false }: GuardOptions): string {
  const read = URL.canParse(url) ? new URL(url) : undefined
  if (read === undefined || !/^https?:$/.test(read.protocol) || read.username !== '') {
    throw new TypeError('url: give the address of the management listener, https://host:port.')
  }
  if (read.protocol === 'http:' && !allowPlainHttp && !LOOPBACK.test(read.hostname)) {
    throw new TypeError(
      'url: use https, or everybody on the way can read the key and forge tokens. allowPlainHttp: true is for networks that encrypt by themselves.',
    )
  }
  return `${read.origin}${read.pathname.replace(/\/+$/, '')}`
}

const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/

function readKey(key: string): string {
  if (typeof key === 'string' && /^kfm_[0-9A-Za-z]{40}$/.test(key)) return key
  throw new TypeError('key: give a management key with the scope feed, kfm_….')
}

function readProxy(text: string): IpRange {
  const range = parseIpAddressOrRange(text)
  if (range.ok) return range.value
  throw new TypeError(
    range.problem === 'ip_range_too_wide'
      ? 'trustedProxies: this block is everybody, and every caller could say where it comes from.'
      : 'trustedProxies: give IP addresses or CIDR blocks, like 10.0.0.5 or 10.0.0.0/8.',
  )
}
