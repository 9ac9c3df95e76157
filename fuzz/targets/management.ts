import { METHODS } from 'node:http'
import { type RunningApi, startApi } from '../../packages/server/src/api/running-api.ts'
import { mustHold, type OpenTarget, type Target, words } from '../target.ts'

const LISTS = {
  domains: { enabled: true, entries: [{ value: 'example.com', label: 'shop', subdomains: true }] },
  ips: { enabled: false, entries: ['8.8.8.8'] },
}
const REQUEST = { headers: [['Origin', 'https://example.com']], peer: '203.0.113.7' }
/** Stands for the id of a token that is there. */
const ID = '{id}'
const AT_ID = `/v1/tokens/${ID}`

/** Requests that are answered 2xx. */
const QUESTIONS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/v1/tokens?owner=alice&limit=2&status=active'],
  [
    'POST',
    '/v1/tokens',
    { name: 'a', owner: 'alice', metadata: { plan: 'gold' }, restrictions: LISTS },
  ],
  ['POST', '/v1/tokens/import', { tokens: [{ hash: 'a'.repeat(64), name: 'a', owner: 'alice' }] }],
  ['GET', AT_ID],
  ['PATCH', AT_ID, { name: 'b', mode: 'report', expiresAt: null }],
  ['DELETE', AT_ID],
  ['POST', `${AT_ID}/rotate`, { overlapSeconds: 60 }],
  ['POST', `${AT_ID}/revoke`, {}],
  ['POST', `${AT_ID}/disable`, {}],
  ['PUT', `${AT_ID}/restrictions`, LISTS],
  ['POST', `${AT_ID}/restrictions/preview`, LISTS],
  ['GET', `${AT_ID}/activity?limit=5`],
  ['GET', '/v1/refusals?limit=5'],
  ['POST', '/v1/entries/check', { kind: 'domain', input: 'example.com' }],
  ['POST', '/v1/explain', { tokenId: ID, request: REQUEST }],
  ['POST', '/v1/explain', { restrictions: LISTS, request: REQUEST }],
  ['POST', '/v1/decide', { token: 'kf_x', ...REQUEST }],
  ['GET', '/v1/feed?after=0'],
  ['POST', '/v1/activity', { batch: 'a', from: 0, until: 1, tokens: [] }],
  ['POST', '/v1/keys', { name: 'x', scopes: ['read', 'feed'], owner: 'alice' }],
  ['POST', '/v1/administrators', { name: 'bob', role: 'viewer' }],
  ['POST', '/v1/portal-sessions', { owner: 'alice', capabilities: ['create'] }],
  ['GET', '/v1/audit?limit=5&cursor=x'],
]

/** What a caller of the management API may send, the whole of it but the credential (spec §9). */
export const management: Target = {
  name: 'management',
  shape: 'json',
  pieces: [
    ...words(
      `GET POST PUT PATCH DELETE ${AT_ID} ${ID} /restrictions ?limit= &cursor= rotate revoke`,
    ),
    ...words('enable expiresAt notBefore metadata subdomains bob *.example.com %00 %ff'),
    ...words('2027-01-01T00:00:00Z 9999-12-31T23:59:60Z'),
    'b'.repeat(64),
  ],
  lengthMax: 6000,
  open: async () => {
    const node = new FuzzedNode()
    await node.start()
    return {
      seeds: QUESTIONS.map(([method, path, body]) => JSON.stringify({ method, path, body })),
      run: (input) => node.run(input),
      close: () => node.stop(),
    } satisfies OpenTarget
  },
}

/** After so many changes a node is begun anew, so that lists stay short. */
const CHANGES_MAX = 300

/** A real API on a real store. */
class FuzzedNode {
  #api: RunningApi | undefined
  #id = ''
  #changes = 0

  async start(): Promise<void> {
    this.#api = await startApi()
    this.#id = (await this.#api.token({ restrictions: LISTS })).id
    this.#changes = 0
  }

  async stop(): Promise<void> {
    await this.#api?.stop()
  }

  async run(input: string): Promise<void> {
    const sent = requestOf(input, this.#id)
    if (sent === undefined || this.#api === undefined) return
    const before = await everything(this.#api)
    const answer = await this.#api.app.fetch(sent.request, { caller: { kind: 'operator' } })
    const text = await answer.text()
    this.#api.checkDocumented(sent.request.method, sent.target, answer.status)
    mustHold(answer.status < 500, `${answer.status} is no answer to a caller's mistake`)
    mustHold(this.#api.logged.length === 0, 'nothing broke')
    if (answer.status >= 400) isProblem(answer, text)
    const isChanged = (await everything(this.#api)) !== before
    mustHold(!isChanged || answer.ok, 'what was refused has changed nothing')
    if (isChanged) await this.#renew()
  }

  /** The next input finds a token as this one did. */
  async #renew(): Promise<void> {
    if (this.#api === undefined) return
    this.#changes++
    if (this.#changes >= CHANGES_MAX) {
      await this.stop()
      await this.start()
      return
    }
    this.#id = (await this.#api.token({ restrictions: LISTS })).id
  }
}

function requestOf(
  input: string,
  id: string,
): { readonly request: Request; readonly target: string } | undefined {
  try {
    const { method, path, body } = JSON.parse(input.replaceAll(ID, id)) as Record<string, unknown>
    const text = body === undefined ? null : JSON.stringify(body)
    const headers = text === null ? {} : { 'content-type': 'application/json' }
    const url = new URL(String(path), 'http://localhost')
    // Node's parser knows no others, and answers them itself.
    if (!METHODS.includes(String(method))) return undefined
    const isLocal = url.host === 'localhost' && url.pathname.startsWith('/v1/')
    // Some wait for changes, or for other nodes: nothing that an input may ask of a test.
    if (!isLocal || url.searchParams.has('wait')) return undefined
    const request = new Request(url, { method: String(method), headers, body: text })
    return { request, target: url.pathname }
  } catch {
    // No JSON, or nothing that can be sent.
    return undefined
  }
}

function isProblem(answer: Response, text: string): void {
  if (text === '') return
  const type = answer.headers.get('content-type') ?? ''
  mustHold(type.startsWith('application/problem+json'), `a problem, not ${type}`)
  const { code } = JSON.parse(text) as { code?: unknown } // RFC 9457, and a code of ours
  mustHold(typeof code === 'string' && code !== '', 'a problem has a code')
}

const TABLES = ['tokens', 'secrets', 'entries', 'changes', 'management_keys', 'audit'] as const

/** Tells states of the store apart: each change is a revision, and a row of the audit log. */
async function everything({ db }: RunningApi): Promise<string> {
  const counts = TABLES.map((table) =>
    db
      .selectFrom(table)
      .select((select) => select.fn.countAll().as('rows'))
      .executeTakeFirst(),
  )
  const newest = db
    .selectFrom('changes')
    .select((select) => select.fn.max('revision').as('newest'))
    .executeTakeFirst()
  return JSON.stringify(await Promise.all([...counts, newest]))
}
