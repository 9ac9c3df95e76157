/** A thread that judges requests by the copy of the tokens that another thread keeps up to date. */
import { randomBytes } from 'node:crypto'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { ActivityBatch } from '../../activity/activity-batch.ts'
import { recordActivity } from '../../activity/activity-recorder.ts'
import { LastClient } from '../../activity/last-client.ts'
import { systemClock } from '../../fence/clock.ts'
import { CopyAge, whileFresh } from '../../fence/copy-age.ts'
import { openPackedFence } from '../../fence/packed/open-packed-fence.ts'
import type { PackedMemory } from '../../fence/packed/packed-fence.ts'
import { newRequestId } from '../../identifier/identifier.ts'
import { VerdictTally } from '../../metrics/verdict-tally.ts'
import { nodeLog } from '../node-log.ts'
import { LoopLateness, LoopWatch } from '../loop-lateness.ts'
import { startDataDoor } from '../start-data-door.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts'

const REPORT_INTERVAL_MS = 1000

const port = parentPort
if (port === null) throw new Error('this module is started as a thread')
const { config, listen, memory, memories, age, lateness, number } = workerData as WorkerStart // what start-worker.ts passes

const log = nodeLog(config.logLevel, { write: (line) => process.stderr.write(line) })
const lookUp = openPackedFence(memory, newestMemory)
const recording = new Map<number, PromiseWithResolvers<void>>()
let batches = 0
const activity = recordActivity({
  sink: { record, forget: async () => {} },
  clock: systemClock,
  requestId: () => newRequestId(randomBytes),
  settings: config,
  log,
})
const verdicts = new VerdictTally()
const clients = new LastClient()
const watch = new LoopWatch({
  lateness: new LoopLateness(lateness),
  thread: number,
  clock: systemClock,
})
const door = await startDataDoor(
  config,
  {
    lookUp: whileFresh(lookUp, new CopyAge(age), { ...config, clock: systemClock }),
    now: () => systemClock.now(),
    requestId: () => newRequestId(randomBytes),
    observe: (observation) => {
      verdicts.count(observation.verdict)
      activity.observe(observation)
      clients.note(observation, systemClock.now())
    },
    sheds: () => watch.sheds(),
    log,
  },
  listen,
)
if (door === undefined) throw new Error('there is nothing to listen for')

port.on('message', (message: ToWorker) => void take(message))
const reporting = setInterval(report, REPORT_INTERVAL_MS)
tell({ kind: 'listening', address: door.address })

async function take(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'changed':
      recheck(message.tokenIds)
      break
    case 'recorded':
      settle(message)
      break
    case 'flush':
    case 'report':
      if (message.kind === 'flush') await activity.flush()
      report()
      tell({ kind: 'done', id: message.id })
      break
    case 'close':
      await close(message.drainMs)
      break
  }
}

function recheck(tokenIds: readonly string[] | undefined): void {
  if (tokenIds === undefined) door?.recheck()
  else for (const tokenId of tokenIds) door?.recheck(tokenId)
}

/** Of those that arrived only the last counts. */
function newestMemory(): PackedMemory | undefined {
  let newest: PackedMemory | undefined
  for (;;) {
    const received = receiveMessageOnPort(memories)
    if (received === undefined) return newest
    newest = received.message as PackedMemory // what start-worker.ts sends
  }
}

function record(batch: ActivityBatch): Promise<void> {
  const id = batches++
  const recorded = Promise.withResolvers<void>()
  recording.set(id, recorded)
  tell({ kind: 'record', id, batch })
  return recorded.promise
}

function settle({ id, failure }: ToWorker & { readonly kind: 'recorded' }): void {
  const recorded = recording.get(id)
  recording.delete(id)
  if (failure === undefined) recorded?.resolve()
  else recorded?.reject(new Error(failure))
}

function report(): void {
  const { dropped } = activity
  tell({ kind: 'report', verdicts: verdicts.take(), dropped, lastClient: clients.last })
}

/** With nothing left to wait for, the thread ends by itself. */
async function close(drainMs: number): Promise<void> {
  await door?.close({ drainMs })
  await activity.close()
  clearInterval(reporting)
  watch.close()
  report()
  memories.close()
  port?.close()
}

function tell(message: FromWorker): void {
  port?.postMessage(message)
}
