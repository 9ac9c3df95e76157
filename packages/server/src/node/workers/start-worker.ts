import type { AddressInfo } from 'node:net'
import { MessageChannel, type Worker } from 'node:worker_threads'
import type { ActivityBatch, DroppedActivity } from '../../activity/activity-batch.ts'
import { NOTHING_OBSERVED } from '../../activity/activity-recorder.ts'
import type { SeenClient } from '../../activity/last-client.ts'
import type { Config } from '../../config/config.ts'
import type { PackedMemory } from '../../fence/packed/packed-fence.ts'
import type { VerdictCount } from '../../metrics/verdict-tally.ts'
import { startThread } from '../../thread/start-thread.ts'
import type { ListenPlace } from '../../listener/data-listener.ts'
import type { LoopLateness } from '../loop-lateness.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts'

/** What a worker needs of the thread that follows the store. */
export interface WorkerHost {
  readonly config: Config
  /** The memory of the fence as it is now. */
  readonly memory: () => PackedMemory
  /** The memory of the copy's age. */
  readonly age: SharedArrayBuffer
  /** How late the loops of all threads are. */
  readonly lateness: LoopLateness
  /** Writes what a worker observed; what it throws, the worker tries again. */
  readonly record: (batch: ActivityBatch) => Promise<void>
  readonly counted: (verdicts: readonly VerdictCount[]) => void
}

/** A thread that judges requests. */
export interface RunningWorker {
  readonly address: AddressInfo
  /** Gives it the memory that the fence has moved to. */
  moved(memory: PackedMemory): void
  /** Open requests of these tokens are judged again; `undefined`: all. */
  recheck(tokenIds: readonly string[] | undefined): void
  /** Resolves when what it observed is recorded, or merely counted; also when it has ended. */
  ask(kind: 'flush' | 'report'): Promise<void>
  /** What it could not record since it started. */
  readonly dropped: DroppedActivity
  /** What told the address of the last request that it judged, by its last report. */
  readonly lastClient: SeenClient | undefined
  /** Resolves when it has ended, with the reason if nobody asked it to. */
  readonly ended: Promise<Error | undefined>
  /** Drains as a data listener does, records what is left and ends. */
  close(options: { readonly drainMs: number }): Promise<void>
}

/** How long a thread may take to end once its door is closed. */
const ENDING_MS_MAX = 5000

/**
 * Starts a thread that listens there.
 * @param number which of the node's threads it is; the one that starts it is 0
 * @returns once it listens; rejects with what kept it from that.
 */
export async function startWorker(
  host: WorkerHost,
  { listen, number }: { readonly listen: ListenPlace; readonly number: number },
): Promise<RunningWorker> {
  const { port1: memories, port2 } = new MessageChannel()
  const start: WorkerStart = {
    config: host.config,
    listen,
    memory: host.memory(),
    memories: port2,
    age: host.age,
    lateness: host.lateness.memory,
    number,
  }
  const thread = startThread(import.meta.url, './worker-thread', {
    workerData: start,
    transferList: [port2],
  })
  const worker = new StartedWorker(thread, host, (memory) => memories.postMessage(memory))
  await worker.listening
  return worker
}

class StartedWorker implements RunningWorker {
  readonly #thread: Worker
  readonly #host: WorkerHost
  readonly #listening = Promise.withResolvers<void>()
  readonly #asked = new Map<number, () => void>()
  readonly moved: RunningWorker['moved']
  readonly ended: Promise<Error | undefined>
  #questions = 0
  #address: AddressInfo | undefined
  #dropped = NOTHING_OBSERVED.dropped
  #lastClient: SeenClient | undefined
  #isClosing = false
  #hasEnded = false

  constructor(thread: Worker, host: WorkerHost, moved: RunningWorker['moved']) {
    this.#thread = thread
    this.#host = host
    this.moved = moved
    let failure: Error | undefined
    thread.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error))
    })
    this.ended = onceEnded(thread).then(() => {
      this.#hasEnded = true
      for (const answered of this.#asked.values()) answered()
      this.#asked.clear()
      const because = this.#isClosing ? undefined : (failure ?? new Error('the thread ended'))
      this.#listening.reject(because ?? new Error('the thread was asked to end'))
      return because
    })
    thread.on('message', (message: FromWorker) => void this.#take(message))
  }

  get listening(): Promise<void> {
    return this.#listening.promise
  }

  get address(): AddressInfo {
    if (this.#address === undefined) throw new TypeError('the worker does not listen yet')
    return this.#address
  }

  get dropped(): DroppedActivity {
    return this.#dropped
  }

  get lastClient(): SeenClient | undefined {
    return this.#lastClient
  }

  recheck(tokenIds: readonly string[] | undefined): void {
    this.#tell({ kind: 'changed', tokenIds })
  }

  ask(kind: 'flush' | 'report'): Promise<void> {
    if (this.#hasEnded) return Promise.resolve()
    const id = this.#questions++
    const answered = Promise.withResolvers<void>()
    this.#asked.set(id, answered.resolve)
    this.#tell({ kind, id })
    return answered.promise
  }

  async close({ drainMs }: { readonly drainMs: number }): Promise<void> {
    this.#isClosing = true
    this.#tell({ kind: 'close', drainMs })
    const ending = setTimeout(() => void this.#thread.terminate(), drainMs + ENDING_MS_MAX)
    await this.ended
    clearTimeout(ending)
  }

  async #take(message: FromWorker): Promise<void> {
    switch (message.kind) {
      case 'listening':
        this.#address = message.address
        this.#listening.resolve()
        break
      case 'record':
        this.#tell({
          kind: 'recorded',
          id: message.id,
          failure: await this.#failureOf(message.batch),
        })
        break
      case 'report':
        this.#dropped = message.dropped
        this.#lastClient = message.lastClient
        this.#host.counted(message.verdicts)
        break
      case 'done':
        this.#asked.get(message.id)?.()
        this.#asked.delete(message.id)
        break
    }
  }

  async #failureOf(batch: ActivityBatch): Promise<string | undefined> {
    try {
      await this.#host.record(batch)
      return undefined
    } catch (error) {
      return String(error)
    }
  }

  #tell(message: ToWorker): void {
    this.#thread.postMessage(message)
  }
}

/** Not `once`: it would reject with the error before the thread has ended. */
function onceEnded(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.on('exit', () => resolve())
  })
}
