import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { SignInAttempts } from '../access/sign-in-attempts.ts'
import { droppedTogether } from '../activity/activity-batch.ts'
import {
  type ActivityRecorder,
  type ObservedActivity,
  recordActivity,
} from '../activity/activity-recorder.ts'
import { LastClient } from '../activity/last-client.ts'
import { storeActivity } from '../activity/store-activity.ts'
import { readConsoleFiles } from '../api/console-files.ts'
import type { ApiContext } from '../api/api-context.ts'
import { managementApi } from '../api/management-api.ts'
import {
  type ManagementListener,
  type ServedApi,
  startManagementListener,
} from '../api/management-listener.ts'
import { localPublicUrl } from '../config/http-origin.ts'
import type { Follower } from '../fence/follow.ts'
import type { NodeReporter } from '../fleet/report-nodes.ts'
import { newRequestId } from '../identifier/identifier.ts'
import { registerActivityMetrics } from '../metrics/activity-metrics.ts'
import { type NodeMetrics, nodeMetrics } from '../metrics/decision-metrics.ts'
import { registerFleetMetrics } from '../metrics/fleet-metrics.ts'
import { registerLoopMetrics } from '../metrics/loop-metrics.ts'
import type { Store } from '../store/store.ts'
import { startFolderListener } from './folder-listener.ts'
import { type FollowedStore, followStore } from './follow-store.ts'
import { LoopLateness, LoopWatch } from './loop-lateness.ts'
import { managementSocketPath } from './management-socket.ts'
import { apiSettings, listenerLimits } from './node-settings.ts'
import type { NodeWorld } from './node-world.ts'
import { openStoreOfNode } from './open-store.ts'
import { reportNode } from './report-node.ts'
import { nodePortal } from './start-portal.ts'
import { type DataDoor, type DataDoorContext, startDataDoor } from './start-data-door.ts'
import { startWorkers, type Workers } from './workers/start-workers.ts'

/**
 * A node that serves: a data listener if it has an upstream or a check profile, the management
 * listener, and that of the owner portal if it is set.
 */
export interface RunningNode {
  /** Where requests are judged, `undefined` with neither upstream nor check profile. */
  readonly dataAddress: AddressInfo | undefined
  readonly adminPort: number
  /** Where browsers reach the console. */
  readonly publicUrl: string
  /** Where browsers reach the owner portal of this node; `undefined`: it serves none. */
  readonly portalUrl: string | undefined
  readonly store: Store
  readonly follower: Follower
  /**
   * Not ready at once, takes connections for the set delay, drains for the set time, then closes
   * everything. Calling it again changes nothing.
   */
  close(): Promise<void>
}

/** In the package that is installed, and in a checkout, where `npm start` and `npm test` build it. */
const CONSOLE_FOLDERS = ['../../console/', '../../../console/dist/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/**
 * Starts a node: the store, the fence that follows it, and the listeners once the tokens are known.
 * @throws what keeps it from starting; everything that was opened is closed again.
 */
export async function startNode(world: NodeWorld): Promise<RunningNode> {
  const { config, random, log } = world
  const opened: (() => Promise<void>)[] = []
  try {
    const store = await openStoreOfNode(config, {
      random,
      progress: (step) => log.info({ step }, 'migrating the store'),
      failed: (err) =>
        log.error({ err }, 'the store is away: every request is 503 until it is there'),
    })
    opened.unshift(() => store.close())
    const parts = await openParts(world, store)
    opened.unshift(() => parts.reporter.close())
    opened.unshift(() => parts.copy.close())
    opened.unshift(() => parts.activity.close())
    opened.unshift(async () => parts.watch.close())
    return await listen(world, parts, opened)
  } catch (error) {
    for (const close of opened) await close()
    throw error
  }
}

interface NodeParts {
  readonly store: Store
  readonly copy: FollowedStore
  /** Tells the other nodes how far this one is. */
  readonly reporter: NodeReporter
  readonly metrics: NodeMetrics
  /** Records what is judged in this thread. */
  readonly activity: ActivityRecorder
  readonly clients: LastClient
  /** How late the loops of all threads are, and the watch of this one's. */
  readonly lateness: LoopLateness
  readonly watch: LoopWatch
  /** The proxy or the check endpoint, once it listens. */
  dataDoor: DataDoor | undefined
  /** The same, if it listens in other threads. */
  workers: Workers | undefined
  isDraining: boolean
}

async function openParts(world: NodeWorld, store: Store): Promise<NodeParts> {
  const { config, clock, random, log } = world
  let parts: NodeParts | undefined
  const reporter = reportNode(world, store.nodes, () => parts)
  await reporter.register()
  const copy = await followStore(world, store, {
    moved: (memory) => parts?.workers?.moved(memory),
    changed: (tokenId) => parts?.dataDoor?.recheck(tokenId),
    polled: () => reporter.look(),
  })
  const metrics = nodeMetrics({
    secrets: () => copy.fence.size,
    freshness: () => copy.follower.freshness(),
    counted: async () => parts?.workers?.report(),
  })
  const activity = recordActivity({
    sink: storeActivity(store, clock, config),
    clock,
    requestId: () => newRequestId(random),
    settings: config,
    log,
  })
  parts = {
    store,
    copy,
    reporter,
    metrics,
    activity,
    clients: new LastClient(),
    ...watchLoop(world),
    dataDoor: undefined,
    workers: undefined,
    isDraining: false,
  }
  registerActivityMetrics(metrics.registry, () => observed(parts).dropped)
  registerFleetMetrics(metrics.registry, () => reporter.failures)
  registerLoopMetrics(metrics.registry, parts.lateness)
  reporter.look()
  return parts
}

/** This thread is 0, and each worker has its number. */
function watchLoop({ config, clock }: NodeWorld): Pick<NodeParts, 'lateness' | 'watch'> {
  const lateness = new LoopLateness(1 + config.workers)
  return { lateness, watch: new LoopWatch({ lateness, thread: 0, clock }) }
}

async function listen(
  world: NodeWorld,
  parts: NodeParts,
  opened: (() => Promise<void>)[],
): Promise<RunningNode> {
  const { config, log } = world
  parts.dataDoor = await openDataDoor(world, parts)
  opened.unshift(async () => parts.dataDoor?.close({ drainMs: config.drainTimeoutMs }))
  const management = await startManagement(world, parts)
  opened.unshift(() => management.close())
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    await delay(config.drainDelayMs)
    // The data listener drains first, so that the management listener can say meanwhile that it does.
    await parts.dataDoor?.close({ drainMs: config.drainTimeoutMs })
    for (const close of opened) await close()
    log.info('stopped')
  }
  return {
    dataAddress: parts.dataDoor?.address,
    adminPort: management.port ?? config.adminListen.port,
    publicUrl: management.publicUrl,
    portalUrl: management.portalUrl,
    store: parts.store,
    follower: parts.copy.follower,
    close: () => {
      parts.isDraining = true
      parts.reporter.look()
      closing ??= closeAll()
      return closing
    },
  }
}

/** In this thread, or in as many others as are set. */
async function openDataDoor(world: NodeWorld, parts: NodeParts): Promise<DataDoor | undefined> {
  const { config, clock, log } = world
  const { upstream, checkProfile, workers } = config
  if (workers === 1 || (upstream === undefined && checkProfile === undefined)) {
    return startDataDoor(config, notingClients(world, parts), config.listen)
  }
  const sink = storeActivity(parts.store, clock, config)
  parts.workers = await startWorkers({
    count: workers,
    listen: config.listen,
    log,
    host: {
      config,
      memory: () => parts.copy.fence.memory,
      age: parts.copy.age.memory,
      lateness: parts.lateness,
      record: (batch) => sink.record(batch),
      counted: (verdicts) => parts.metrics.addVerdicts(verdicts),
    },
  })
  return parts.workers
}

function doorContext(
  { clock, random, log }: NodeWorld,
  { copy, metrics, activity, watch }: NodeParts,
): DataDoorContext {
  return {
    lookUp: copy.follower.lookUp,
    now: () => clock.now(),
    requestId: () => newRequestId(random),
    observe: (observation) => {
      metrics.countVerdict(observation.verdict)
      activity.observe(observation)
    },
    sheds: () => watch.sheds(),
    log,
  }
}

/** The decide call is no door of its own: whose request it is about, its caller knows. */
function notingClients(world: NodeWorld, parts: NodeParts): DataDoorContext {
  const context = doorContext(world, parts)
  return {
    ...context,
    observe: (observation) => {
      context.observe(observation)
      parts.clients.note(observation, world.clock.now())
    },
  }
}

/** What all threads of the node observe. */
function observed({ activity, workers }: NodeParts): ObservedActivity {
  if (workers === undefined) return activity
  return {
    flush: async () => {
      await Promise.all([activity.flush(), workers.activity.flush()])
    },
    get dropped() {
      return droppedTogether(activity.dropped, workers.activity.dropped)
    },
  }
}

/** The listener on its address, the socket of the data folder, and the owner portal beside them. */
async function startManagement(
  world: NodeWorld,
  parts: NodeParts,
): Promise<{
  readonly port: number | undefined
  readonly publicUrl: string
  readonly portalUrl: string | undefined
  close(): Promise<void>
}> {
  const { config, clock, random, log, version } = world
  const { adminListen } = config
  let publicUrl = config.publicUrl
  const portal = nodePortal(config)
  const context: ApiContext = {
    store: parts.store,
    follower: parts.copy.follower,
    fleet: parts.reporter,
    clock,
    random,
    settings: {
      ...apiSettings(config, publicUrl),
      portal: portal.settings,
      get publicUrl() {
        return publicUrl
      },
    },
    metrics: parts.metrics.registry,
    activity: observed(parts),
    attempts: new SignInAttempts(),
    consoleFiles: readConsoleFiles(...CONSOLE_FOLDERS),
    observe: doorContext(world, parts).observe,
    lastClient: async () => {
      await parts.workers?.report()
      return parts.workers?.lastClient ?? parts.clients.last
    },
    log,
    version,
    startedAt: clock.now(),
    isDraining: () => parts.isDraining,
    isLoopLate: () => parts.lateness.isLate(clock.monotonicMs()),
  }
  const api = managementApi(context)
  const onAddress = await startManagementListener(api, adminListen, listenerLimits(config))
  if (publicUrl === localPublicUrl(0)) publicUrl = localPublicUrl(onAddress.port ?? 0)
  const onPortal = await portal.start(context).catch(async (error: unknown) => {
    await onAddress.close()
    throw error
  })
  const onSocket = await startOnSocket(world, api)
  return {
    port: onAddress.port,
    publicUrl,
    portalUrl: onPortal === undefined ? undefined : portal.settings?.url,
    close: async () => {
      await Promise.all([onAddress.close(), onPortal?.close(), onSocket?.close()])
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
