import type { AddressInfo } from 'node:net'
import { withoutQueryParameter } from '@keyfence/core'
import { type Arrival, type ListenPlace, startDataListener } from '../listener/data-listener.ts'
import { failureAnswer, sendAnswer } from '../listener/own-answer.ts'
import { admit } from './admission.ts'
import { Exchange } from './exchange.ts'
import { OpenExchanges } from './open-exchanges.ts'
import type { Passage } from './passage.ts'
import type { ProxyContext } from './proxy-settings.ts'

import { upstreamFields } from './request-fields.ts'
import { openUpstream, type Upstream } from './upstream/upstream.ts'

/** A proxy that listens. */
export interface RunningProxy {
  readonly address: AddressInfo
  /** How many requests are in progress, WebSockets and streams included. */
  readonly openExchanges: number
  /**
   * Judges open exchanges again and cuts those no longer allowed: of one token when it changed, of
   * all from time to time, because tokens also expire.
   */
  recheck(tokenId?: string): void
  /** Takes no more connections, lets what is in progress finish for `drainMs`, then cuts it. */
  close(options: { readonly drainMs: number }): Promise<void>
}

/**
 * Starts the built-in proxy of spec §8.1: judges each request and streams the allowed ones to the
 * upstream.
 * @returns once it listens; rejects if it cannot.
 */
export async function startProxy(
  context: ProxyContext,
  listen: ListenPlace,
): Promise<RunningProxy> {
  const { settings, log } = context
  const { timeouts, limits } = settings
  const open = new OpenExchanges()
  const upstream = openUpstream(settings)
  const proxy: Proxy = { context, open, upstream }
  const listener = await startDataListener(
    {
      timeouts,
      limits,
      log,
      open,
      serve: (arrival) => serve(arrival, proxy),
    },
    listen,
  )
  return {
    address: listener.address,
    get openExchanges() {
      return open.size
    },
    recheck: (tokenId) => open.recheck(tokenId, context),
    close: async (options) => {
      await listener.close(options)
      upstream.destroy()
    },
  }
}

interface Proxy {
  readonly context: ProxyContext
  readonly open: OpenExchanges
  readonly upstream: Upstream
}

function serve(arrival: Arrival, proxy: Proxy): void {
  const { request, response, handshake } = arrival
  const admission = admit(request, handshake !== undefined, proxy.context)
  if (admission.kind === 'answer') sendAnswer(request, response, admission.answer)
  else if (proxy.context.sheds()) shed(arrival, admission.passage, proxy)
  else forward(arrival, admission.passage, proxy)
}

/** Judging takes microseconds, so a refusal stays what it is; passing on is what takes the time. */
function shed({ request, response }: Arrival, { evidence }: Passage, { context }: Proxy): void {
  const requestId = context.requestId()
  context.log.warn({ requestId }, 'turned away: the event loop is too late')
  sendAnswer(request, response, failureAnswer(503, { evidence, requestId }))
}

function forward(arrival: Arrival, passage: Passage, { context, open, upstream }: Proxy): void {
  const { settings } = context
  const { tokenQuery } = settings.judge
  const { target } = passage.request
  const onEnd = (ended: Exchange): void => open.delete(ended)
  const exchange = new Exchange({ ...arrival, passage, context, onEnd })
  open.add(exchange)
  exchange.begin(upstream, {
    method: passage.method,
    path: tokenQuery === undefined ? target : withoutQueryParameter(target, tokenQuery),
    fields: upstreamFields(passage, settings),
    isWebSocket: arrival.handshake !== undefined,
  })
}
