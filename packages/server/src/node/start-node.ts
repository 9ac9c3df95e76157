import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type ActivityRecorder, recordActivity } from '../activity/activity-recorder.ts'
import { managementApi } from '../api/management-api.ts'
import {
  type ManagementListener,
  type ServedApi,
  startManagementListener,
} from '../api/management-listener.ts'
import { startCheckEndpoint } from '../check/check-endpoint.ts'
import type { Config } from '../config/config.ts'
import { localPublicUrl } from '../config/http-origin.ts'
import type { DoorContext } from '../enforcement/door-context.ts'
import type { Clock } from '../fence/clock.ts'
import { mapFence } from '../fence/fence.ts'
import { type Follower, follow } from '../fence/follow.ts'
import { newRequestId, type RandomBytes } from '../identifier/identifier.ts'
import { registerActivityMetrics } from '../metrics/activity-metrics.ts'
import { type NodeMetrics, nodeMetrics } from '../metrics/decision-metrics.ts'
import { type RunningProxy, startProxy } from '../proxy/proxy.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { Store } from '../store/store.ts'
import { startFolderListener } from './folder-listener.ts'
import { managementSocketPath } from './management-socket.ts'
import { apiSettings, checkSettings, listenerLimits, proxySettings } from './node-settings.ts'

/** What a node needs of the world. */
export interface NodeWorld {
  readonly config: Config
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Logger
  readonly version: string
}

/** A node that serves: a data listener if it has an upstream or a check profile, and the management listener. */
export interface RunningNode {
  /** Where requests are judged, `undefined` with neither upstream nor check profile. */
  readonly dataAddress: AddressInfo | undefined
  readonly adminPort: number
  readonly store: Store
  readonly follower: Follower
  /**
   * Not ready at once, takes connections for the set delay, drains for the set time, then closes
   * everything. Calling it again changes nothing.
   */
  close(): Promise<void>
}

/** How often open connections are judged again, because a token may have expired meanwhile. */
const RECHECK_INTERVAL_MS = 1000

/**
 * Starts a node: the store, the fence that follows it, and the listeners once the tokens are known.
 * @throws what keeps it from starting; everything that was opened is closed again.
 */
export async function startNode(world: NodeWorld): Promise<RunningNode> {
  const { config, random, log } = world
  const opened: (() => Promise<void>)[] = []
  try {
    const store = await openSqlite({
      folder: config.data,
      random,
      progress: (step) => log.info({ step }, 'migrating the store'),
    })
    opened.unshift(() => store.close())
    const parts = await followStore(world, store)
    opened.unshift(() => parts.follower.close())
    opened.unshift(() => parts.activity.close())
    return await listen(world, parts, opened)
  } catch (error) {
    for (const close of opened) await close()
    throw error
  }
}

interface NodeParts {
  readonly store: Store
  readonly follower: Follower
  readonly metrics: NodeMetrics
  readonly activity: ActivityRecorder
  /** The proxy or the check endpoint, once it listens. */
  dataDoor: DataDoor | undefined
  isDraining: boolean
}

type DataDoor = Pick<RunningProxy, 'address' | 'recheck' | 'close'>

async function followStore(world: NodeWorld, store: Store): Promise<NodeParts> {
  const { config, clock, log } = world
  const fence = mapFence()
  const follower = follow({
    feed: store.feed,
    fence,
    clock,
    pollIntervalMs: config.pollIntervalMs,
    maxStalenessMs: config.maxStalenessMs,
    alarm: (alarm) =>
      alarm.kind === 'poll_failed'
        ? log.error({ err: alarm.error }, 'the store could not be read; known tokens are decided')
        : log.error(alarm, 'a record is damaged: its token is refused'),
    changed: (tokenId) => parts.dataDoor?.recheck(tokenId),
  })
  const metrics = nodeMetrics({ secrets: () => fence.size, freshness: () => follower.freshness() })
  const activity = startRecording(world, { store, metrics })
  const parts: NodeParts = {
    store,
    follower,
    metrics,
    activity,
    dataDoor: undefined,
    isDraining: false,
  }
  // Listening before the first copy would only answer 503. If the store fails, that is the answer.
  await follower.catchUp().catch(() => {})
  return parts
}

function startRecording(
  { config, clock, random, log }: NodeWorld,
  { store, metrics }: Pick<NodeParts, 'store' | 'metrics'>,
): ActivityRecorder {
  const requestId = (): string => newRequestId(random)
  const activity = recordActivity({ store, clock, requestId, settings: config, log })
  registerActivityMetrics(metrics.registry, () => activity.dropped)
  return activity
}

async function listen(
  world: NodeWorld,
  parts: NodeParts,
  opened: (() => Promise<void>)[],
): Promise<RunningNode> {
  const { config, log } = world
  parts.dataDoor = await startDataDoor(world, parts)
  opened.unshift(async () => parts.dataDoor?.close({ drainMs: config.drainTimeoutMs }))
  const recheck = setInterval(() => recheckOpen(parts, log), RECHECK_INTERVAL_MS)
  recheck.unref()
  const management = await startManagement(world, parts)
  opened.unshift(() => management.close())
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    await delay(config.drainDelayMs)
    // The data listener drains first, so that the management listener can say meanwhile that it does.
    await parts.dataDoor?.close({ drainMs: config.drainTimeoutMs })
    clearInterval(recheck)
    for (const close of opened) await close()
    log.info('stopped')
  }
  return {
    dataAddress: parts.dataDoor?.address,
    adminPort: management.port ?? config.adminListen.port,
    store: parts.store,
    follower: parts.follower,
    close: () => {
      parts.isDraining = true
      closing ??= closeAll()
      return closing
    },
  }
}

/** A timer's exception would end the process. */
function recheckOpen({ dataDoor }: NodeParts, log: Logger): void {
  try {
    dataDoor?.recheck()
  } catch (error) {
    log.error({ err: error }, 'open requests could not be judged again')
  }
}

async function startDataDoor(world: NodeWorld, parts: NodeParts): Promise<DataDoor | undefined> {
  const { config } = world
  const { upstream, checkProfile } = config
  const context = doorContext(world, parts)
  if (upstream !== undefined) {
    return startProxy({ ...context, settings: proxySettings(config, upstream) }, config.listen)
  }
  if (checkProfile === undefined) return undefined
  const settings = checkSettings(config, checkProfile)
  // A check is answered at once: nothing stays open that could be judged again.
  return {
    ...(await startCheckEndpoint({ ...context, settings }, config.listen)),
    recheck: () => {},
  }
}

function doorContext(
  { clock, random, log }: NodeWorld,
  { follower, metrics, activity }: NodeParts,
): DoorContext & { readonly log: Logger } {
  return {
    lookUp: follower.lookUp,
    now: () => clock.now(),
    requestId: () => newRequestId(random),
    observe: (observation) => {
      metrics.countVerdict(observation.verdict)
      activity.observe(observation)
    },
    log,
  }
}

/** The listener on its address, and beside it the socket of the data folder. */
async function startManagement(
  world: NodeWorld,
  parts: NodeParts,
): Promise<{ readonly port: number | undefined; close(): Promise<void> }> {
  const { config, clock, random, log, version } = world
  const { adminListen } = config
  let publicUrl = config.publicUrl
  const api = managementApi({
    store: parts.store,
    follower: parts.follower,
    clock,
    random,
    settings: {
      ...apiSettings(config, publicUrl),
      get publicUrl() {
        return publicUrl
      },
    },
    metrics: parts.metrics.registry,
    activity: parts.activity,
    observe: doorContext(world, parts).observe,
    log,
    version,
    isDraining: () => parts.isDraining,
  })
  const limits = listenerLimits(config)
  const onAddress = await startManagementListener(api, adminListen, limits)
  if (publicUrl === localPublicUrl(0)) publicUrl = localPublicUrl(onAddress.port ?? 0)
  const onSocket = await startOnSocket(world, api)
  return {
    port: onAddress.port,
    close: async () => {
      await Promise.all([onAddress.close(), onSocket?.close()])
    },
  }
}

/** Without its socket a node still serves; the command line then needs --management-url. */
async function startOnSocket(
  { config, log }: NodeWorld,
  api: ServedApi,
): Promise<Pick<ManagementListener, 'close'> | undefined> {
  const socketPath = managementSocketPath(config.data)
  if (socketPath === undefined) {
    log.warn('the path of the data folder is too long for a socket: use --management-url')
    return undefined
  }
  return startFolderListener({
    api,
    socketPath,
    limits: listenerLimits(config),
    occupied: (err) => log.warn({ err }, 'another node has the socket of the data folder'),
  })
}
