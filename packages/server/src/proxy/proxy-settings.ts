import type { CorsSettings, JudgeSettings } from '@keyfence/core'
import type { DoorContext, DoorLog } from '../enforcement/door-context.ts'
import type { DataListenerLimits, DataListenerTimeouts } from '../listener/data-listener.ts'

/** What the built-in proxy needs to know (spec §8.1). Checked before it gets here. */
export interface ProxySettings {
  /** Scheme, host and port that every request goes to. A path in it is not looked at. */
  readonly upstream: URL
  /** The `Host` that the upstream sees; `undefined`: the caller's is kept. */
  readonly upstreamHost: string | undefined
  /** Raw paths (what stands before `?`), compared octet for octet, that pass without a token. */
  readonly openPaths: ReadonlySet<string>
  /** Leaves the token in its header field. In the query and the subprotocol it is never left. */
  readonly forwardToken: boolean
  readonly forwardMetadata: boolean
  /** Leaves the upstream's caching alone: a shared cache may serve one token's answer to others. */
  readonly sharedCaching: boolean
  readonly cors: CorsSettings
  readonly judge: JudgeSettings
  readonly timeouts: ProxyTimeouts
  readonly limits: ProxyLimits
}

/** Each in milliseconds; 0: no limit. */
export interface ProxyTimeouts extends DataListenerTimeouts {
  /** How long a caller may take nothing of an answer, or send nothing of an upload that has begun. */
  readonly callerStalledMs: number
  readonly upstreamConnectMs: number
  /** From the end of the request to the upstream's header section, and in the queue before it. */
  readonly upstreamResponseMs: number
  /** Between two chunks of the upstream's answer. 0 for server-sent events. */
  readonly upstreamIdleMs: number
}

export interface ProxyLimits extends DataListenerLimits {
  readonly upstreamConnectionsMax: number
}

/** The world as the proxy sees it. */
export interface ProxyContext extends DoorContext {
  readonly settings: ProxySettings
  /** Whether a request that may pass is to be answered with 503 instead. Asked once for each. */
  readonly sheds: () => boolean
  readonly log: ProxyLog
}

/** The part of a pino logger that is used. Never given a field value, a query or a token. */
export interface ProxyLog extends DoorLog {
  warn(fields: object, message: string): void
}
