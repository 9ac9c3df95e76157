import { gunzipSync } from 'node:zlib'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string

beforeEach(async () => {
  api = await startApi()
  key = await api.key(['feed'])
})
afterEach(() => api.stop())

interface Page {
  readonly epoch: string
  readonly after: number
  readonly revision: number
  readonly head: number
  readonly changes: readonly {
    readonly kind: string
    readonly tokenId: string
    readonly revision: number
  }[]
}

function page({ status, body }: Answer): Page {
  expect(status).toBe(200)
  return body as unknown as Page // the route documents these members
}

async function read(query = '', asked = key): Promise<Page> {
  return page(await api.ask('GET', `/v1/feed${query}`, { key: asked }))
}

/** The query that goes on from a page. */
function behind({ epoch, revision }: Pick<Page, 'epoch' | 'revision'>): string {
  return `?epoch=${epoch}&after=${revision}`
}

/** Resolves when a request waits for the node's next poll. */
function whenWaiting(): Promise<void> {
  const { follower } = api
  return new Promise((resolve) => {
    follower.nextPoll = () => {
      Reflect.deleteProperty(follower, 'nextPoll')
      resolve()
      return follower.nextPoll()
    }
  })
}

async function remove(id: string): Promise<void> {
  const writer = await api.key(['write'])
  expect((await api.ask('DELETE', `/v1/tokens/${id}`, { key: writer })).status).toBeLessThan(300)
}

describe('the feed over HTTP', () => {
  test('begins with all there is: what a decision needs, and nothing else', async () => {
    const restrictions = {
      domains: { enabled: true, entries: [{ value: 'shop.example', label: 'SECRET-LABEL' }] },
      ips: { enabled: false, entries: ['8.8.8.8'] },
    }
    const metadata = { plan: 'PLAN' }
    const { id } = await api.token({ name: 'SECRET-NAME', owner: 'alice', metadata, restrictions })
    const answer = await api.ask('GET', '/v1/feed', { key })
    expect(answer.body).toEqual({
      epoch: expect.stringMatching(/./),
      after: 0,
      revision: 1,
      head: 1,
      settings: {
        tokenPrefix: 'kf_',
        tokenFields: [
          { name: 'authorization', scheme: 'bearer' },
          { name: 'x-api-key', scheme: null },
        ],
        tokenQuery: null,
        httpsOriginsOnly: false,
        forwardMetadata: false,
      },
      changes: [
        {
          kind: 'saved',
          revision: 1,
          tokenId: id,
          secrets: [{ hash: expect.stringMatching(/^[0-9a-f]{64}$/), endsAt: null }],
          owner: 'alice',
          metadata: {},
          status: 'active',
          mode: 'enforce',
          notBefore: null,
          expiresAt: null,
          domains: { enabled: true, entries: [{ value: 'shop.example', subdomains: false }] },
          ips: { enabled: false, entries: ['8.8.8.8'] },
        },
      ],
    })
    expect(answer.text).not.toMatch(/SECRET|PLAN|kf_.*…/)
  })

  test('goes on behind a revision, and has each token once', async () => {
    const { id } = await api.token()
    const first = await read()
    await api.token()
    await api.operator(`/v1/tokens/${id}/disable`, {})
    await api.operator(`/v1/tokens/${id}/enable`, {})
    const next = await read(behind(first))
    expect(next).toMatchObject({ after: first.revision, head: next.revision })
    expect(next.changes).toHaveLength(2)
    expect(next.changes.at(-1)).toMatchObject({ tokenId: id, revision: next.revision })
  })

  test.each([
    { because: 'another epoch', of: (at: Page) => ({ ...at, epoch: 'other' }) },
    { because: 'a place ahead of the store', of: (at: Page) => ({ ...at, revision: 99 }) },
  ])('begins anew for $because, at once', async ({ of }) => {
    await api.token()
    const at = await read()
    const asked = of(at)
    const waiting = asked.epoch === at.epoch ? whenWaiting() : undefined
    const reading = read(`${behind(asked)}&wait=30`)
    await waiting
    await api.follower.catchUp()
    expect(await reading).toMatchObject({ epoch: at.epoch, after: 0, changes: [{ kind: 'saved' }] })
  })

  test.each([
    { query: '?after=-1', because: 'no revision is below 0' },
    { query: '?after=1e3', because: 'digits alone' },
    { query: '?wait=31', because: 'longer than may be waited' },
    { query: '?epoch=%20', because: 'no epoch' },
  ])('refuses $query: $because', async ({ query }) => {
    expect((await api.ask('GET', `/v1/feed${query}`, { key })).status).toBe(400)
  })

  test('is compressed for those who take it', async () => {
    for (let count = 0; count < 5; count++) await api.token()
    const plain = await api.ask('GET', '/v1/feed', { key })
    const answer = await rawAnswer('/v1/feed', { 'accept-encoding': 'gzip' })
    expect(answer.encoding).toBe('gzip')
    expect(answer.octets.length).toBeLessThan(plain.text.length / 2)
    expect(gunzipSync(answer.octets).toString()).toBe(plain.text)
  })
})

describe('waiting', () => {
  test('ends with the change', async () => {
    const first = await read()
    const begun = whenWaiting()
    const waiting = read(`${behind(first)}&wait=30`)
    await begun
    await api.follower.catchUp()
    const { id } = await api.token()
    expect((await waiting).changes).toMatchObject([{ kind: 'saved', tokenId: id }])
  })

  test.each([
    {
      end: () => void (api.time.monotonic += 10_000),
      because: 'the time is over: a sign of life',
    },
    { end: () => void (api.state.isDraining = true), because: 'the node is about to stop' },
  ])('ends without one when $because', async ({ end }) => {
    const first = await read()
    const begun = whenWaiting()
    const waiting = read(`${behind(first)}&wait=10`)
    await begun
    const goesOn = whenWaiting()
    await api.follower.catchUp()
    await goesOn
    end()
    await api.follower.catchUp()
    expect(await waiting).toMatchObject({ changes: [], revision: first.revision })
  })
})

describe('a key that is bound to an owner', () => {
  test('sees theirs, and how far the feed is', async () => {
    const bound = await api.key(['feed'], 'alice')
    const { id } = await api.token({ owner: 'alice' })
    await api.token({ owner: 'bob' })
    const seen = await read('', bound)
    expect(seen).toMatchObject({ revision: 2, head: 2, changes: [{ tokenId: id }] })
    expect(seen.changes).toHaveLength(1)
  })

  test('is told that one of theirs is gone, and not of one of others', async () => {
    const bound = await api.key(['feed'], 'alice')
    const mine = await api.token({ owner: 'alice' })
    const other = await api.token({ owner: 'bob' })
    const first = await read('', bound)
    await remove(other.id)
    await remove(mine.id)
    const { changes } = await read(behind(first), bound)
    expect(changes).toEqual([{ kind: 'removed', tokenId: mine.id, revision: 4 }])
  })

  test('sees that a record of theirs is damaged', async () => {
    const bound = await api.key(['feed'], 'alice')
    const { id } = await api.token({ owner: 'alice' })
    await api.db.updateTable('tokens').set({ mode: 'broken' }).where('id', '=', id).execute()
    expect((await read('', bound)).changes).toMatchObject([{ kind: 'unreadable', tokenId: id }])
  })
})

/** The answer as it travels. */
function rawAnswer(path: string, headers: Record<string, string>) {
  return new Promise<{ encoding: string | undefined; octets: Buffer }>((resolve, reject) => {
    const sent = request({ ...api.place, path, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () =>
        resolve({
          encoding: incoming.headers['content-encoding'],
          octets: Buffer.concat(chunks),
        }),
      )
    })
    sent.setHeader('authorization', `Bearer ${key}`)
    for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value)
    sent.on('error', reject)
    sent.end()
  })
}
