import type {
  BarePeer,
  EpochMs,
  RestrictionSettings,
  TokenField,
  TrustedProxies,
} from '@keyfence/core'
import type { Context, MiddlewareHandler } from 'hono'
import type { Registry } from 'prom-client'
import type { Caller } from '../access/caller.ts'
import type { SessionLife } from '../access/session.ts'
import type { SignInAttempts } from '../access/sign-in-attempts.ts'
import type { ObservedActivity } from '../activity/activity-recorder.ts'
import type { SeenClient } from '../activity/last-client.ts'
import type { Observation } from '../activity/observation.ts'
import type { CheckProfileName } from '../config/config.ts'
import type { ConsoleFiles } from './console-files.ts'
import type { Door, PortalSettings } from './door.ts'
import type { Clock } from '../fence/clock.ts'
import type { Follower } from '../fence/follow.ts'
import type { NodeReporter } from '../fleet/report-nodes.ts'
import type { RandomBytes } from '../identifier/identifier.ts'
import type { Store } from '../store/store.ts'
import type { TokenHash } from '../token/token.ts'

/** What the management API works with. */
export interface ApiContext {
  readonly store: Store
  /** Every change is answered once this node has applied it. */
  readonly follower: Pick<Follower, 'catchUp' | 'freshness' | 'lookUp' | 'nextPoll' | 'position'>
  /** This node among the others; `undefined`: it decides nothing, as a command does. */
  readonly fleet: Pick<NodeReporter, 'self' | 'asked'> | undefined
  readonly clock: Clock
  readonly random: RandomBytes
  readonly settings: ApiSettings
  /** Where `/metrics` comes from; the API registers its own in it, so it serves one API. */
  readonly metrics: Registry
  /** What this node has observed, so that a read sees the call before it. */
  readonly activity: ObservedActivity
  /** Told of every verdict of the decide call; what it throws is logged. */
  readonly observe: (observation: Observation) => void
  /** What told the address of the last request at the data listener, if there was one. */
  readonly lastClient: () => Promise<SeenClient | undefined>
  readonly log: ApiLog
  /** How often it was attempted to sign in. */
  readonly attempts: SignInAttempts
  readonly consoleFiles: ConsoleFiles
  /** Of Keyfence. */
  readonly version: string
  readonly startedAt: EpochMs
  /** Whether the node is about to stop, and wants no new work. */
  readonly isDraining: () => boolean
  /** Whether a thread of the node is, or was a moment ago, too late for what arrives. */
  readonly isLoopLate: () => boolean
}

/** The settings that the management API works by. */
export interface ApiSettings extends RestrictionSettings {
  readonly tokenPrefix: string
  readonly trustedProxies: TrustedProxies
  readonly httpsOriginsOnly: boolean
  readonly tokenFields: readonly TokenField[]
  readonly tokenQuery: string | undefined
  /** Which proxy asks `/check`; `undefined`: there is no check endpoint. */
  readonly checkProfile: CheckProfileName | undefined
  /** Whether the decide call tells the metadata of the token. */
  readonly forwardMetadata: boolean
  /** How long refusals and what was seen are kept, in days. */
  readonly activityDays: number
  /** How many refusals of a token are kept. */
  readonly refusalsPerTokenMax: number
  /** What the data listener takes a peer without `X-Forwarded-For` for. */
  readonly dataBarePeer: BarePeer
  /** How old the copy of a node may be. */
  readonly maxStalenessMs: number
  /** Largest body; imports may have 1 MiB in any case. */
  readonly bodyBytesMax: number
  /** Origin of the console, `http://…` or `https://…`; read at each request. */
  readonly publicUrl: string
  /** The owner portal, on this node or another; `undefined`: there is none. */
  readonly portal: PortalSettings | undefined
  readonly sessionLife: SessionLife
  /** Hash of the management key that the environment gives, if any. */
  readonly environmentKeyHash?: TokenHash | undefined
}

/** Where the API tells of what broke: pino's shape. Never given a secret. */
export interface ApiLog {
  error(facts: object, message: string): void
}

/** What every request of the API carries. */
export interface ApiEnv {
  Bindings: {
    /** Who asks, where the transport proves it: the socket in the data folder, or this process. */
    readonly caller?: Caller | undefined
    /** The address at the other end of the connection, if it has one. */
    readonly peer?: string | undefined
  }
  Variables: {
    readonly api: ApiContext
    readonly door: Door
    /** Set by `requires`; no handler runs without. */
    caller: Caller
    /** The body's text as received, `''` if there was none. */
    bodyText: string
  }
}

export type ApiRequest = Context<ApiEnv>

export type ApiMiddleware = MiddlewareHandler<ApiEnv>
