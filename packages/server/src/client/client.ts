import createFetchClient, { type Client, type ClientOptions } from 'openapi-fetch'
import { ManagementProblem, type SingleProblem } from './management-problem.ts'
import type { paths } from './schema.d.ts'

/** What a client is made with. */
export interface KeyfenceClientOptions {
  /** Where the management listener is reached: `https://keys.example.com`. */
  readonly url: string
  /** A management key (`kfm_…`) with the scopes that the calls need. */
  readonly key: string
  /** Sends the requests; the runtime's own `fetch` if it is not given. */
  readonly fetch?: ClientOptions['fetch']
}

/** The routes of the management API as typed calls: `client.GET('/v1/tokens/{id}', …)`. */
export type KeyfenceClient = Client<paths>

/**
 * Makes a client of the management API (spec §9). Paths, parameters, bodies and answers have the
 * types of the routes. Nothing is sent twice: give `Idempotency-Key` and repeat a call yourself.
 * @returns calls that resolve with `data` for every good answer, and else throw ManagementProblem;
 *   what `fetch` throws where nobody answers is thrown on.
 */
export function createClient({ url, key, fetch }: KeyfenceClientOptions): KeyfenceClient {
  const client = createFetchClient<paths>({
    baseUrl: url,
    headers: { Authorization: `Bearer ${key}` },
    ...(fetch === undefined ? {} : { fetch }),
  })
  client.use({
    onResponse: async ({ response }) => {
      if (!response.ok) throw await problemOf(response)
    },
  })
  return client
}

/** Reads the problem (RFC 9457), or says the status alone where something else has answered. */
async function problemOf(response: Response): Promise<ManagementProblem> {
  const body: unknown = await response.json().catch(() => undefined)
  const facts: object = typeof body === 'object' && body !== null ? body : {}
  return new ManagementProblem({
    status: response.status,
    code: textOf(facts, 'code') ?? 'unknown',
    detail: textOf(facts, 'detail') ?? `The management API answered ${response.status}.`,
    // `as`: of a problem document of ours, which has this shape.
    problems: 'problems' in facts ? (facts.problems as readonly SingleProblem[]) : [],
  })
}

function textOf(facts: object, member: 'code' | 'detail'): string | undefined {
  const value: unknown = Reflect.get(facts, member)
  return typeof value === 'string' ? value : undefined
}
