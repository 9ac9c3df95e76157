import type { CorsSettings, EpochMs, JudgeSettings, LookUpToken, Verdict } from '@keyfence/core'

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
export interface ProxyTimeouts {
  /** For the caller to send its header section. */
  readonly headersMs: number
  /** For the caller to send a whole request: an upload that takes longer is cut. */
  readonly requestMs: number
  /** How long an idle connection of a caller is kept. */
  readonly keepAliveMs: number
  /** How long a caller may take nothing of an answer that waits for it. */
  readonly callerStalledMs: number
  readonly upstreamConnectMs: number
  /** From the end of the request to the upstream's header section, and in the queue before it. */
  readonly upstreamResponseMs: number
  /** Between two chunks of the upstream's answer. 0 for server-sent events. */
  readonly upstreamIdleMs: number
}

export interface ProxyLimits {
  /** Connections of callers; each has one request in progress at a time. */
  readonly connectionsMax: number
  readonly headerBytesMax: number
  readonly headerFieldsMax: number
  readonly upstreamConnectionsMax: number
}

/** The world as the proxy sees it. */
export interface ProxyContext {
  readonly settings: ProxySettings
  readonly lookUp: LookUpToken
  readonly now: () => EpochMs
  /** Opaque and unguessable; asked for refusals and failures alone. */
  readonly requestId: () => string
  /**
   * Told of every verdict: once a judged request, and again if an open one is cut. What it throws
   * is logged and goes no further.
   */
  readonly observe: (observation: Observation) => void
  readonly log: ProxyLog
}

/** A verdict and the request it was about. */
export interface Observation {
  readonly verdict: Verdict
  /** As sent in `Keyfence-Request-Id`; `undefined` for allowed requests, whose answers have none. */
  readonly requestId: string | undefined
  readonly method: string
  /** Raw path without the query. */
  readonly path: string
}

/** The part of a pino logger that is used. Never given a field value, a query or a token. */
export interface ProxyLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
