import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { managementApi } from '../api/management-api.ts'
import {
  type ManagementListener,
  type ServedApi,
  startManagementListener,
} from '../api/management-listener.ts'
import type { Config } from '../config/config.ts'
import { localPublicUrl } from '../config/http-origin.ts'
import type { Clock } from '../fence/clock.ts'
import { mapFence } from '../fence/fence.ts'
import { type Follower, follow } from '../fence/follow.ts'
import { newRequestId, type RandomBytes } from '../identifier/identifier.ts'
import { type NodeMetrics, nodeMetrics } from '../metrics/decision-metrics.ts'
import { type RunningProxy, startProxy } from '../proxy/proxy.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { Store } from '../store/store.ts'
import { startFolderListener } from './folder-listener.ts'
import { managementSocketPath } from './management-socket.ts'
import { apiSettings, listenerLimits, proxySettings } from './node-settings.ts'

/** What a node needs of the world. */
export interface NodeWorld {
  readonly config: Config
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Logger
  readonly version: string
}

/** A node that serves: the data listener if it has an upstream, and the management listener. */
export interface RunningNode {
  /** Where requests are judged, `undefined` without an upstream. */
  readonly dataAddress: AddressInfo | undefined
  readonly adminPort: number
  readonly store: Store
  readonly follower: Follower
  /** Not ready, then drains for the set time, then closes everything. Calling it again changes nothing. */
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
  /** The proxy, once it listens. */
  proxy: RunningProxy | undefined
  isDraining: boolean
}

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
    changed: (tokenId) => parts.proxy?.recheck(tokenId),
  })
  const metrics = nodeMetrics({ secrets: () => fence.size, freshness: () => follower.freshness() })
  const parts: NodeParts = { store, follower, metrics, proxy: undefined, isDraining: false }
  // Listening before the first copy would only answer 503. If the store fails, that is the answer.
  await follower.catchUp().catch(() => {})
  return parts
}

async function listen(
  world: NodeWorld,
  parts: NodeParts,
  opened: (() => Promise<void>)[],
): Promise<RunningNode> {
  const { config, log } = world
  parts.proxy = await startDataListener(world, parts)
  opened.unshift(async () => parts.proxy?.close({ drainMs: config.drainTimeoutMs }))
  const recheck = setInterval(() => parts.proxy?.recheck(), RECHECK_INTERVAL_MS)
  recheck.unref()
  const management = await startManagement(world, parts)
  opened.unshift(() => management.close())
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    clearInterval(recheck)
    // The data listener drains first, so that the management listener can say meanwhile that it does.
    await parts.proxy?.close({ drainMs: config.drainTimeoutMs })
    for (const close of opened) await close()
    log.info('stopped')
  }
  return {
    dataAddress: parts.proxy?.address,
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

async function startDataListener(
  world: NodeWorld,
  { follower, metrics }: NodeParts,
): Promise<RunningProxy | undefined> {
  const { config, clock, random, log } = world
  if (config.upstream === undefined) return undefined
  return startProxy(
    {
      settings: proxySettings(config, config.upstream),
      lookUp: follower.lookUp,
      now: () => clock.now(),
      requestId: () => newRequestId(random),
      observe: ({ verdict }) => metrics.countVerdict(verdict),
      log,
    },
    config.listen,
  )
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
