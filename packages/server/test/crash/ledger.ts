import type { Chance } from './chance.ts'
import { askFor, type Listening, statusWith } from './node-process.ts'

/** What was acknowledged of one token, and so may never be lost. */
export interface KnownToken {
  readonly id: string
  secret: string
  /** Secrets that were rotated out. */
  readonly ended: string[]
  state: 'active' | 'revoked' | 'deleted'
  isRestricted: boolean
  /** How many changes were acknowledged, its creation among them. */
  changes: number
  /** Asked for, and the node died before it answered: it may be done, or not. */
  pending: Change | undefined
  isBusy: boolean
}

const CHANGES = ['restrict', 'rotate', 'revoke', 'delete'] as const
type Change = (typeof CHANGES)[number]

/** What callers of the management API were told, and what it means for the next request. */
export class Ledger {
  readonly tokens: KnownToken[] = []
  /** Tokens that were changed since `settle`. */
  readonly touched = new Set<KnownToken>()
  /** Answers that were neither a success nor a death. */
  readonly surprises: string[] = []

  /** Asks for changes one after another until the node dies, and tells of each acknowledged one. */
  async write(node: Listening, chance: Chance, acknowledged: () => void): Promise<void> {
    for (;;) {
      const token = this.#idle(chance)
      const isAlive =
        token === undefined || chance.below(3) === 0
          ? await this.#create(node)
          : await this.#change(node, { token, change: chance.oneOf(CHANGES) })
      if (!isAlive) return
      acknowledged()
    }
  }

  /** Forgets what was touched. What was pending by then is never checked, nor changed, again. */
  settle(): void {
    this.touched.clear()
  }

  #idle(chance: Chance): KnownToken | undefined {
    const idle = this.tokens.filter(
      ({ isBusy, state, pending }) => !isBusy && state === 'active' && pending === undefined,
    )
    return idle[chance.below(idle.length)]
  }

  async #create(node: Listening): Promise<boolean> {
    const body = { name: 'crash', owner: 'acme' }
    const answer = await askFor(node, { method: 'POST', path: '/v1/tokens', body })
    if (answer === undefined) return false
    if (answer.status !== 201) return this.#surprised(`create: ${answer.status}`)
    const { id, secret } = answer.body
    const token: KnownToken = {
      id,
      secret,
      ended: [],
      state: 'active',
      isRestricted: false,
      changes: 1,
      pending: undefined,
      isBusy: false,
    }
    this.tokens.push(token)
    this.touched.add(token)
    return true
  }

  async #change(
    node: Listening,
    { token, change }: { readonly token: KnownToken; readonly change: Change },
  ): Promise<boolean> {
    token.isBusy = true
    this.touched.add(token)
    const answer = await askFor(node, requestFor(token.id, change))
    token.isBusy = false
    if (answer === undefined) {
      token.pending = change
      return false
    }
    if (answer.status >= 300) return this.#surprised(`${change}: ${answer.status}`)
    token.changes++
    note(token, { change, secret: answer.body?.secret })
    return true
  }

  #surprised(surprise: string): true {
    this.surprises.push(surprise)
    return true
  }
}

function note(
  token: KnownToken,
  { change, secret }: { readonly change: Change; readonly secret: string | undefined },
): void {
  switch (change) {
    case 'restrict':
      token.isRestricted = true
      return
    case 'rotate':
      token.ended.push(token.secret)
      token.secret = secret ?? ''
      return
    case 'revoke':
      token.state = 'revoked'
      return
    case 'delete':
      token.state = 'deleted'
      return
    default:
      change satisfies never
  }
}

function requestFor(id: string, change: Change): Parameters<typeof askFor>[1] {
  const path = `/v1/tokens/${id}`
  switch (change) {
    case 'restrict': {
      const domains = { enabled: true, entries: ['example.com'] }
      const body = { domains, ips: { enabled: false, entries: [] } }
      return { method: 'PUT', path: `${path}/restrictions`, body }
    }
    case 'delete':
      return { method: 'DELETE', path }
    case 'rotate':
    case 'revoke':
      return { method: 'POST', path: `${path}/${change}` }
    default:
      return change satisfies never
  }
}

/**
 * Uses every touched token on the data listener, those that must not work first.
 * @returns what was promised and not kept.
 */
export async function askData(node: Listening, tokens: Iterable<KnownToken>): Promise<string[]> {
  const broken: string[] = []
  const expectStatus = async (token: string, expected: readonly number[], what: string) => {
    const status = await statusWith(node, token)
    if (!expected.includes(status)) broken.push(`${what}: ${status}, not ${expected.join(' or ')}`)
  }
  const refusedFirst = [...tokens].toSorted(
    (one, other) => Number(one.state === 'active') - Number(other.state === 'active'),
  )
  for (const token of refusedFirst) {
    await expectStatus(token.secret, expectedStatuses(token), `${token.id}, ${token.state}`)
    const [ended] = token.ended.slice(-1)
    if (ended !== undefined) await expectStatus(ended, [401], `${token.id}, rotated out`)
  }
  return broken
}

/** The answers that a token's newest secret may get. */
function expectedStatuses({ state, isRestricted, pending }: KnownToken): readonly number[] {
  if (state !== 'active') return [401]
  const before = isRestricted ? 403 : 200
  if (pending === undefined) return [before]
  return [before, pending === 'restrict' ? 403 : 401]
}
