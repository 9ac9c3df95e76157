import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type DroppedActivity, droppedTogether } from '../../activity/activity-batch.ts'
import { NOTHING_OBSERVED, type ObservedActivity } from '../../activity/activity-recorder.ts'
import { laterClient, type SeenClient } from '../../activity/last-client.ts'
import type { Config } from '../../config/config.ts'
import type { PackedMemory } from '../../fence/packed/packed-fence.ts'
import type { ListenPlace } from '../../listener/data-listener.ts'
import type { DataDoor } from '../start-data-door.ts'
import { type RunningWorker, startWorker, type WorkerHost } from './start-worker.ts'

/** Threads that listen on one address and judge by one copy of the tokens. */
export interface Workers extends DataDoor {
  /** Gives them the memory that the fence has moved to. */
  moved(memory: PackedMemory): void
  readonly activity: ObservedActivity
  /** What told the address of the last request that one of them judged. */
  readonly lastClient: SeenClient | undefined
  /** Resolves when what they have counted is counted here. */
  report(): Promise<void>
}

/** What workers need of the thread that follows the store. */
export interface WorkersOptions {
  readonly count: number
  readonly host: WorkerHost
  readonly log: Logger
  readonly listen: ListenPlace
}

/** Between the end of a worker that nobody ended and the next one in its place. */
const RESTART_DELAY_MS = 1000
/** Beyond it all open requests are judged again. */
const CHANGED_MAX = 1000

/**
 * Starts so many workers. One that ends by itself is replaced; the others go on meanwhile.
 * @returns once all listen; rejects with what keeps one from it, and then none does.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { count, listen } = options
  await refuseTaken(listen)
  const threads = new WorkerThreads({ ...options, host: sharing(options.host, count) })
  await threads.start()
  return threads
}

/** A port that another program has can be shared with it by accident: asked for alone, it is refused. */
async function refuseTaken({ host, port }: ListenPlace): Promise<void> {
  if (port === 0) return
  const probe = createServer()
  probe.listen({ host, port })
  await once(probe, 'listening')
  probe.close()
  await once(probe, 'close')
}

/** Each has its share of what is limited for all. */
function sharing(host: WorkerHost, count: number): WorkerHost {
  const { connectionsMax, upstreamConnectionsMax, activityQueueMax } = host.config
  const share = (limit: number): number => Math.ceil(limit / count)
  const config: Config = {
    ...host.config,
    connectionsMax: share(connectionsMax),
    upstreamConnectionsMax: share(upstreamConnectionsMax),
    activityQueueMax: share(activityQueueMax),
  }
  return { ...host, config }
}

class WorkerThreads implements Workers {
  readonly #options: WorkersOptions
  readonly #running = new Set<RunningWorker>()
  /** By workers that have ended. */
  #dropped: DroppedActivity = NOTHING_OBSERVED.dropped
  #address: RunningWorker['address'] | undefined
  /** Tokens of which the workers are told in a moment. */
  #changed: string[] = []
  #isClosing = false

  constructor(options: WorkersOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { count, listen } = this.#options
    try {
      // The first one chooses the port where none is given.
      this.#address = (await this.#startOne(1, listen)).address
      const others = Array.from({ length: count - 1 }, (_, at) => this.#startOne(at + 2))
      await Promise.all(others)
    } catch (error) {
      await this.close({ drainMs: 0 })
      throw error
    }
  }

  get address(): RunningWorker['address'] {
    if (this.#address === undefined) throw new TypeError('no worker listens yet')
    return this.#address
  }

  get activity(): ObservedActivity {
    const dropped = [...this.#running].map((worker) => worker.dropped)
    return {
      flush: () => this.#askAll('flush'),
      dropped: [this.#dropped, ...dropped].reduce(droppedTogether),
    }
  }

  get lastClient(): SeenClient | undefined {
    return [...this.#running].map((worker) => worker.lastClient).reduce(laterClient, undefined)
  }

  moved(memory: PackedMemory): void {
    for (const worker of this.#running) worker.moved(memory)
  }

  report(): Promise<void> {
    return this.#askAll('report')
  }

  recheck(tokenId?: string): void {
    if (tokenId === undefined) {
      this.#recheckAll(undefined)
      return
    }
    if (this.#changed.length === 0) setImmediate(() => this.#recheckChanged())
    this.#changed.push(tokenId)
  }

  async close(options: { readonly drainMs: number }): Promise<void> {
    this.#isClosing = true
    await Promise.all([...this.#running].map((worker) => worker.close(options)))
  }

  get #place(): ListenPlace {
    return { ...this.#options.listen, port: this.address.port }
  }

  async #startOne(number: number, listen = this.#place): Promise<RunningWorker> {
    const place = { ...listen, reusePort: true }
    const worker = await startWorker(this.#options.host, { listen: place, number })
    this.#running.add(worker)
    void this.#replaceWhenEnded(worker, number)
    return worker
  }

  async #replaceWhenEnded(worker: RunningWorker, number: number): Promise<void> {
    let because = await worker.ended
    this.#running.delete(worker)
    // The system sends it nothing any more.
    this.#options.host.lateness.forget(number)
    this.#dropped = droppedTogether(this.#dropped, worker.dropped)
    while (because !== undefined && !this.#isClosing) {
      this.#options.log.fatal({ err: because }, 'a worker ended: another one takes its place')
      await delay(RESTART_DELAY_MS)
      if (this.#isClosing) return
      because = await this.#startOne(number).then(
        () => undefined,
        (error: Error) => error,
      )
    }
  }

  #recheckChanged(): void {
    const changed = this.#changed
    this.#changed = []
    this.#recheckAll(changed.length > CHANGED_MAX ? undefined : changed)
  }

  #recheckAll(tokenIds: readonly string[] | undefined): void {
    for (const worker of this.#running) worker.recheck(tokenIds)
  }

  async #askAll(kind: 'flush' | 'report'): Promise<void> {
    await Promise.all([...this.#running].map((worker) => worker.ask(kind)))
  }
}
