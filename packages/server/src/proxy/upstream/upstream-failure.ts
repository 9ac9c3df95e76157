/** Why an exchange with the upstream came to nothing. */
export interface UpstreamFailure {
  readonly code: UpstreamFailureCode
  /** What the operator reads: of the system, or of ours. Never a value that a caller sent. */
  readonly reason: string
}

export type UpstreamFailureCode =
  | UpstreamTimeoutCode
  /** No connection, or none over TLS. */
  | 'connect_failed'
  /** The connection went away before an answer had begun. */
  | 'connection_lost'
  /** It went away before the answer was whole, or nothing more of it came. */
  | 'response_incomplete'
  | 'response_malformed'
  /** The request cannot be written as it is. */
  | 'request_malformed'
  /** The caller sent another body than it announced, or left. */
  | 'request_incomplete'
  /** Nothing more of the caller's body came. */
  | 'request_stalled'
  /** The proxy goes away. */
  | 'shut_down'

type UpstreamTimeoutCode =
  | 'queue_timeout'
  | 'connect_timeout'
  | 'response_timeout'
  /** The system gave the connection up, because nothing came back. */
  | 'network_timeout'

/** Whether the upstream was too late, rather than wrong. */
export function isTimeout({ code }: UpstreamFailure): boolean {
  return TIMEOUTS.has(code)
}

const TIMEOUTS: ReadonlySet<UpstreamFailureCode> = new Set<UpstreamTimeoutCode>([
  'queue_timeout',
  'connect_timeout',
  'response_timeout',
  'network_timeout',
])
