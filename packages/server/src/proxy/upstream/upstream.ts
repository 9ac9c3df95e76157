import type { ProxySettings } from '../proxy-settings.ts'
import { upstreamPlace } from './connect-socket.ts'
import { type ConnectionKeeper, type ConnectionParts, UpstreamConnection } from './connection.ts'
import {
  type CallCarrier,
  UpstreamCall,
  type UpstreamListener,
  type UpstreamRequest,
} from './upstream-call.ts'

/** The one server behind the proxy, over a pool of kept connections. */
export interface Upstream {
  /** Sends a request, now or as soon as a connection becomes free. */
  dispatch(request: UpstreamRequest, listener: UpstreamListener): Dispatched
  /** Ends every connection of the pool and fails what is left; WebSockets have left it. */
  destroy(): void
}

export interface Dispatched {
  readonly call: UpstreamCall
  /** Whether it waits for others to finish. */
  readonly isQueued: boolean
}

/** Opens connections when they are needed; fails nothing by itself. */
export function openUpstream({ upstream, timeouts, limits }: ProxySettings): Upstream {
  const place = upstreamPlace(upstream)
  return new ConnectionPool({ place, timeouts }, limits.upstreamConnectionsMax)
}

/**
 * Keeps up to so many connections. The one used last is used next, so that those too many grow old.
 * What finds none waits in the order of its coming.
 */
class ConnectionPool implements Upstream, ConnectionKeeper, CallCarrier {
  readonly #parts: ConnectionParts
  readonly #connectionsMax: number
  readonly #connections = new Set<UpstreamConnection>()
  readonly #free: UpstreamConnection[] = []
  readonly #queue = new Set<UpstreamCall>()
  #beginning: UpstreamConnection[] = []
  #sweep: NodeJS.Timeout | undefined
  #isShutDown = false

  constructor(parts: Omit<ConnectionParts, 'keeper'>, connectionsMax: number) {
    this.#parts = { ...parts, keeper: this }
    this.#connectionsMax = connectionsMax
  }

  dispatch(request: UpstreamRequest, listener: UpstreamListener): Dispatched {
    const call = new UpstreamCall(request, listener)
    const isServed = !this.#isShutDown && this.#serve(call)
    if (!isServed) {
      call.moveTo(this)
      this.#queue.add(call)
    }
    return { call, isQueued: !isServed }
  }

  destroy(): void {
    this.#isShutDown = true
    clearInterval(this.#sweep)
    const failure = { code: 'shut_down', reason: 'the proxy goes away' } as const
    for (const call of this.#queue) call.end(failure)
    this.#queue.clear()
    for (const connection of this.#connections) connection.close(failure)
  }

  onFree(connection: UpstreamConnection): void {
    const next = this.#nextQueued()
    if (next === undefined) this.#free.push(connection)
    else this.#give(connection, next)
  }

  onGone(connection: UpstreamConnection, unsent: UpstreamCall | undefined): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#stopSweep()
    const at = this.#free.indexOf(connection)
    if (at !== -1) this.#free.splice(at, 1)
    if (this.#isShutDown) {
      unsent?.end({ code: 'shut_down', reason: 'the proxy goes away' })
      return
    }
    // There is room for one, now that this one is gone.
    const next = unsent ?? this.#nextQueued()
    if (next !== undefined) this.#serve(next)
  }

  drop(call: UpstreamCall): void {
    this.#queue.delete(call)
  }

  resume(): void {
    // What waits has nothing to read.
  }

  /** @returns false if there is no connection for it. */
  #serve(call: UpstreamCall): boolean {
    const connection = this.#takeFree() ?? this.#open()
    if (connection === undefined) return false
    this.#give(connection, call)
    return true
  }

  #takeFree(): UpstreamConnection | undefined {
    const now = performance.now()
    for (;;) {
      const connection = this.#free.pop()
      connection?.expire(now)
      if (connection?.isGone !== true) return connection
    }
  }

  #open(): UpstreamConnection | undefined {
    if (this.#connections.size >= this.#connectionsMax) return undefined
    const connection = new UpstreamConnection(this.#parts)
    this.#connections.add(connection)
    this.#sweep ??= setInterval(() => this.#expire(), SWEEP_MS).unref()
    return connection
  }

  #give(connection: UpstreamConnection, call: UpstreamCall): void {
    connection.take(call)
    if (connection.isConnecting) return
    // What a kept connection has to say, that it closes or things that nobody asked for, is heard
    // first; otherwise it would be the answer to this request. One timer for all of a turn.
    if (this.#beginning.push(connection) === 1) setImmediate(() => this.#begin())
  }

  #begin(): void {
    const connections = this.#beginning
    this.#beginning = []
    for (const connection of connections) connection.begin()
  }

  #nextQueued(): UpstreamCall | undefined {
    for (const call of this.#queue) {
      this.#queue.delete(call)
      return call
    }
    return undefined
  }

  #expire(): void {
    const now = performance.now()
    for (const connection of this.#connections) connection.expire(now)
  }

  #stopSweep(): void {
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}

/** How late a limit of time may be kept. Cheaper than a timer for each request. */
const SWEEP_MS = 500
