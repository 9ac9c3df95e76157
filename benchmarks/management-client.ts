import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { MANAGEMENT_KEY } from './served-node.ts'

/** Asks the management API of a served node, over connections that it keeps. */
export interface ManagementClient {
  /** Resolves when the whole answer is there. @throws if its status is not the one that is expected */
  ask(method: 'GET' | 'POST' | 'PUT', target: string, asked: Asked): Promise<void>
  close(): void
}

interface Asked {
  readonly expected: number
  /** Sent as JSON. */
  readonly body?: unknown
}

export function managementClient(managementUrl: string): ManagementClient {
  const agent = new Agent({ keepAlive: true })
  return {
    ask: async (method, target, { body, expected }) => {
      const headers = { authorization: `Bearer ${MANAGEMENT_KEY}`, ...contentType(body) }
      const outgoing = request(`${managementUrl}${target}`, { agent, method, headers })
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage] // what it emits
      let text = ''
      for await (const chunk of answer.setEncoding('utf8')) text += String(chunk)
      if (answer.statusCode === expected) return
      throw new Error(`${method} ${target} was answered ${answer.statusCode}: ${text}`)
    },
    close: () => agent.destroy(),
  }
}

function contentType(body: unknown): Readonly<Record<string, string>> {
  return body === undefined ? {} : { 'content-type': 'application/json' }
}
