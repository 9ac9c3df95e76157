import { createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AnsweredConnection, type ConnectionTerms } from './answered-connection.ts'
import {
  type DataListener,
  type DataListenerLimits,
  type DataListenerTimeouts,
  type ListenPlace,
  startListening,
} from './data-listener.ts'
import { LateCallers } from './late-callers.ts'

/** What answers each request at once, without reading a body or passing anything on. */
export interface AnsweringDoor extends Pick<ConnectionTerms, 'answer' | 'log'> {
  readonly timeouts: DataListenerTimeouts
  readonly limits: Pick<DataListenerLimits, 'connectionsMax' | 'headerBytesMax'>
}

/**
 * Starts the listener for a door that has an answer to every request at once. It has its own reader
 * of HTTP/1.x, stricter than Node's server, which costs twice as much as the sockets under it. What
 * is no request, or asks for a tunnel, is answered here; nothing that goes wrong is an allow, and
 * nothing ends the process.
 * @returns once it listens; rejects if it cannot.
 */
export async function startAnsweringListener(
  door: AnsweringDoor,
  listen: ListenPlace,
): Promise<DataListener> {
  const terms = termsOf(door)
  const connections = new Set<AnsweredConnection>()
  // The caller may end its side first, and still gets its answer.
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    highWaterMark: UNSENT_BYTES_MAX,
  })
  server.maxConnections = door.limits.connectionsMax
  server.on('connection', (socket: Socket) => {
    const connection = new AnsweredConnection(socket, terms)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  const address = await startListening(server, listen)
  server.on('error', (error) => door.log.error({ err: error }, 'the listener failed'))
  const sweep = sweepRegularly(connections, terms)
  const listener: Listener = { server, connections, terms, sweep }
  return { address, close: async ({ drainMs }) => closeListener(listener, drainMs) }
}

interface Listener {
  readonly server: Server
  readonly connections: ReadonlySet<AnsweredConnection>
  readonly terms: ConnectionTerms
  readonly sweep: NodeJS.Timeout
}

/** More than these, and nothing more is read of a caller that does not take its answers. */
const UNSENT_BYTES_MAX = 16_384

function termsOf({ answer, log, limits, timeouts }: AnsweringDoor): ConnectionTerms {
  const { headersMs, requestMs, keepAliveMs } = timeouts
  // No body is read: the head is the whole request.
  const limited = [headersMs, requestMs].filter((ms) => ms !== 0)
  return {
    answer,
    log,
    limits,
    headMs: limited.length === 0 ? 0 : Math.min(...limited),
    keepAliveMs,
    keepAliveS: keepAliveMs === 0 ? undefined : Math.floor(keepAliveMs / 1000),
    isDraining: false,
  }
}

/** One timer for all connections, instead of one each that is set anew with every request. */
function sweepRegularly(
  connections: ReadonlySet<AnsweredConnection>,
  { headMs }: ConnectionTerms,
): NodeJS.Timeout {
  const lateCallers = new LateCallers<AnsweredConnection>((connection) => {
    // Something may have come since the sweep.
    if (connection.isOverdue(performance.now())) connection.dismiss()
  })
  const sweep = (): void => {
    if (lateCallers.isBusy) return
    const now = performance.now()
    for (const connection of connections) if (connection.isOverdue(now)) lateCallers.add(connection)
  }
  return setInterval(sweep, headMs === 0 ? SWEEP_MS : Math.min(headMs, SWEEP_MS)).unref()
}

const SWEEP_MS = 1000

async function closeListener(listener: Listener, drainMs: number): Promise<void> {
  const { server, connections, terms, sweep } = listener
  terms.isDraining = true
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  // What the system has received by now is read before anybody is taken for idle.
  await nextTurn()
  await nextTurn()
  for (const connection of connections) if (connection.isIdle) connection.cut()
  const cutAll = setTimeout(() => {
    for (const connection of connections) connection.cut()
  }, drainMs)
  await closed
  clearTimeout(cutAll)
  clearInterval(sweep)
}
