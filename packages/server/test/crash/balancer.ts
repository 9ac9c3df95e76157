import { expect } from 'vitest'
import { send } from '../running-keyfence.ts'
import type { Listening } from './node-process.ts'

/** Who sends requests to the nodes that are ready. */
export interface Balancer {
  /** Resolves when that many more requests were answered, or one failed. */
  serve(more: number): Promise<void>
  /** How many were answered as they should be. */
  served(): number
  /** @returns what failed. */
  stop(): Promise<readonly string[]>
}

const PATIENT = { timeout: 20_000, interval: 100 }

/**
 * Sends requests without end to nodes that were ready when last asked, each on a connection of its
 * own. Only a refused connection is tried again, on the other node.
 */
export function startBalancer(nodes: readonly Listening[], token: string): Balancer {
  const failures: string[] = []
  let ready: readonly Listening[] = nodes
  let served = 0
  const stopping = new AbortController()
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const states = await Promise.all(
        [...nodes].map(async (node) => ({ node, is: await isReady(node) })),
      )
      ready = states.filter(({ is }) => is).map(({ node }) => node)
    }
  }
  const ask = async (): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const answer = await askReady(ready, { turn, token })
      if (answer === 200) served++
      else failures.push(String(answer))
      if (failures.length > 0) return
    }
  }
  const running = Promise.all([look(), ask(), ask()])
  return {
    serve: async (more) => {
      const enough = served + more
      await expect.poll(() => served >= enough || failures.length > 0, PATIENT).toBe(true)
    },
    served: () => served,
    stop: async () => {
      stopping.abort()
      await running
      return failures
    },
  }
}

/** One that is merely late is asked on: where the machine is busy, all of them are. */
async function isReady({ managementUrl }: Listening): Promise<boolean> {
  return send(`${managementUrl}/readyz`).then(
    ({ status, body }) => status === 200 || body.includes('event_loop_late'),
    () => false,
  )
}

async function askReady(
  ready: readonly Listening[],
  { turn, token }: { readonly turn: number; readonly token: string },
): Promise<number | string> {
  for (let attempt = 0; attempt < ready.length; attempt++) {
    const node = ready[(turn + attempt) % ready.length]
    const answer = await answerOf(`${node?.url}/`, token)
    if (answer !== 'ECONNREFUSED') return answer
  }
  return 'no node takes connections'
}

/** The status, or the code of the error that came in place of an answer. */
export function answerOf(url: string, token: string): Promise<number | string> {
  return send(url, { headers: { 'x-api-key': token } }).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  )
}
