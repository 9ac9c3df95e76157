import { isIP } from 'node:net'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { ProxySettings } from './proxy-settings.ts'

/** The one server behind the proxy, over a pool of kept connections. */
export interface Upstream {
  /** @returns false if the request may have to wait for a connection. */
  dispatch(request: UpstreamRequest, handler: Dispatcher.DispatchHandler): boolean
  /** Ends every connection of the pool; WebSockets have left it. */
  destroy(): Promise<void>
}

/** A request as it goes out: `path` is written as it stands. */
export type UpstreamRequest = Pick<Dispatcher.DispatchOptions, 'method' | 'path'> & {
  readonly headers: string[]
  readonly body: NonNullable<Dispatcher.DispatchOptions['body']> | null
  readonly isWebSocket: boolean
}

/** Opens connections when they are needed; fails nothing by itself. */
export function openUpstream({ upstream, timeouts, limits }: ProxySettings): Upstream {
  const name = tlsNameOf(upstream)
  const connect = buildConnector({ timeout: timeouts.upstreamConnectMs, allowH2: false })
  const pool = new Pool(upstream.origin, {
    connections: limits.upstreamConnectionsMax,
    allowH2: false,
    headersTimeout: timeouts.upstreamResponseMs,
    bodyTimeout: timeouts.upstreamIdleMs,
    connect: (options, callback) => connect({ ...options, ...name }, callback),
  })
  // Otherwise undici verifies the upstream by the `Host` of the caller, and opens a new connection
  // whenever that changes. Without TLS nobody reads it, and still undici would look for it.
  const servername = upstream.hostname
  return {
    dispatch({ isWebSocket, ...request }, handler) {
      const options = { ...request, servername, upgrade: isWebSocket ? 'websocket' : null }
      return pool.dispatch(options, handler)
    },
    destroy: async () => pool.destroy(),
  }
}

/** TLS knows no names that are addresses (RFC 6066 §3): the certificate is then asked for the address. */
function tlsNameOf({ hostname }: URL): { readonly servername?: string } {
  const host = hostname.replace(/^\[|\]$/g, '')
  return { servername: isIP(host) === 0 ? host : '' }
}
