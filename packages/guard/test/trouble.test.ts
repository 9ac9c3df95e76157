import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createGuard,
  FeedError,
  type Guard,
  type GuardAlarm,
  type GuardOptions,
} from '../src/index.ts'
import {
  type FeedReply,
  KEY,
  page,
  reasonOf,
  type RunningFeed,
  saved,
  sends,
  startFeed,
  type TestWorld,
  testWorld,
} from './running-feed.ts'

let feed: RunningFeed
let world: TestWorld
let alarms: GuardAlarm[]
const guards: Guard[] = []

beforeEach(async () => {
  feed = await startFeed()
  world = testWorld()
  alarms = []
  feed.reply = sends(page({ changes: [saved(1, 'one'), saved(2, 'two')] }))
})
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close()
  await feed.close()
})

async function start(options: Partial<GuardOptions> = {}): Promise<Guard> {
  const guard = await createGuard(
    {
      url: feed.url,
      key: KEY,
      reportActivity: false,
      onAlarm: (alarm) => alarms.push(alarm),
      ...options,
    },
    world,
  )
  guards.push(guard)
  return guard
}

/** Lets the guard ask the feed once more, and waits until it has dealt with the answer. */
async function poll(reply?: FeedReply): Promise<void> {
  if (reply !== undefined) feed.reply = reply
  const next = world.nextPause()
  world.pauses.at(-1)?.end()
  await next
}

function pass(ms: number): void {
  world.time.wall += ms
  world.time.monotonic += ms
}

const cutOff: FeedReply = (request) => request.socket.destroy()
const after = (revision: number, changes: readonly { readonly revision: number }[]) =>
  page({ after: revision, changes })

describe('a feed that goes on', () => {
  test('is asked behind what is known, and each change counts at once', async () => {
    const guard = await start()
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
    await poll(sends(after(2, [saved(3, 'one', { status: 'revoked' }), saved(4, 'three')])))
    expect(['one', 'two', 'three'].map((token) => reasonOf(guard, token))).toEqual([
      'token_revoked',
      'unrestricted',
      'unrestricted',
    ])
    expect(
      feed.asked.map((query) => [query.get('epoch'), query.get('after'), query.get('wait')]),
    ).toEqual([
      [null, null, '0'],
      ['one', '2', '20'],
    ])
    expect(guard.freshness()).toMatchObject({ isFresh: true, revision: 4, secrets: 3 })
  })

  test('a removed token is unknown', async () => {
    const guard = await start()
    await poll(
      sends(
        after(2, [{ kind: 'removed', revision: 3, tokenId: 'tok_one' } as { revision: number }]),
      ),
    )
    expect([reasonOf(guard, 'one'), reasonOf(guard, 'two')]).toEqual([
      'token_unknown',
      'unrestricted',
    ])
  })

  test('a secret that ends is rotated out at its time', async () => {
    const guard = await start()
    const { secrets } = saved(3, 'one')
    const ends = secrets.map((secret) => ({ ...secret, endsAt: world.time.wall + 5000 }))
    await poll(sends(after(2, [saved(3, 'one', { secrets: ends })])))
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
    pass(5000)
    expect(reasonOf(guard, 'one')).toBe('token_rotated')
  })

  test('a copy in many pages counts when it is whole', async () => {
    const pages = [
      { ...page({ changes: [saved(1, 'one')] }), head: 2 },
      page({ after: 1, changes: [saved(2, 'two')] }),
    ]
    feed.reply = (request, response) => sends(pages.shift())(request, response)
    const guard = await start()
    expect([reasonOf(guard, 'one'), reasonOf(guard, 'two')]).toEqual([
      'unrestricted',
      'unrestricted',
    ])
  })
})

describe('a guard that is cut off', () => {
  test('goes on for maxStaleness, and then is 503 until it hears again', async () => {
    const guard = await start()
    await poll(cutOff)
    pass(60_000)
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
    pass(1)
    expect([reasonOf(guard, 'one'), reasonOf(guard, 'nobody')]).toEqual([
      'store_unavailable',
      'store_unavailable',
    ])
    expect(guard.freshness()).toMatchObject({ isFresh: false, staleForMs: 60_001 })
    await poll(sends(after(2, [])))
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
  })

  test.each(['wall', 'monotonic'] as const)(
    'is stale when the %s clock alone says so',
    async (clock) => {
      const guard = await start()
      world.time[clock] += 60_001
      expect(reasonOf(guard, 'one')).toBe('store_unavailable')
    },
  )

  test('goes on by an explicit option, but not without a copy', async () => {
    const guard = await start({ whenStale: 'goOn' })
    pass(3_600_000)
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
    feed.reply = cutOff
    expect(reasonOf(await start({ whenStale: 'goOn' }), 'one')).toBe('store_unavailable')
  })

  test('asks again after growing pauses, half of them by chance', async () => {
    await start()
    const lengths: (number | undefined)[] = []
    for (let count = 0; count < 6; count++) {
      await poll(cutOff)
      lengths.push(world.pauses.at(-1)?.ms)
    }
    expect(lengths).toEqual([750, 1500, 3000, 6000, 7500, 7500])
    expect(alarms.at(-1)).toEqual({
      kind: 'feed_failed',
      message: 'Keyfence cannot be reached',
      failures: 6,
    })
  })

  test('from the start is there nevertheless, 503 for everybody, and ready later', async () => {
    feed.reply = cutOff
    const guard = await start()
    let isReady = false
    void guard.ready.finally(() => {
      isReady = true
    })
    expect(reasonOf(guard, 'one')).toBe('store_unavailable')
    const missing = guard.decide({ method: 'GET', target: '/', fields: [], peer: undefined })
    expect(missing).toMatchObject({ reason: 'store_unavailable', answer: { status: 503 } })
    expect(isReady).toBe(false)
    await poll(sends(page({ changes: [saved(1, 'one')] })))
    await guard.ready
    expect(reasonOf(guard, 'one')).toBe('unrestricted')
  })
})

describe('a page that is none changes nothing', () => {
  const whole = JSON.stringify(after(2, [saved(3, 'one', { status: 'revoked' })]))
  const { tokenId } = saved(3, 'one')
  test.each<{ reply: FeedReply; because: string }>([
    {
      reply: (_request, response) => {
        response.writeHead(200, { 'Content-Length': whole.length }).write(whole.slice(0, -200))
        response.socket?.end()
      },
      because: 'the connection breaks within an event',
    },
    {
      reply: (_request, response) => void response.end(whole.slice(0, -1)),
      because: 'the end is missing',
    },
    {
      reply: (_request, response) => void response.end('<html>'),
      because: 'somebody else answers',
    },
    { reply: sends(after(2, [saved(3, 'x'), saved(3, 'one')])), because: 'a change comes twice' },
    {
      reply: sends({ ...after(2, [saved(4, 'x'), saved(3, 'one')]), revision: 4, head: 4 }),
      because: 'another order',
    },
    {
      reply: sends(after(1, [saved(2, 'one', { status: 'revoked' })])),
      because: 'it was applied already',
    },
    {
      reply: sends(after(3, [saved(4, 'one', { status: 'revoked' })])),
      because: 'one before it is missing',
    },
    {
      reply: sends({ ...after(2, [saved(3, 'one')]), revision: 2, head: 2 }),
      because: 'more than it says',
    },
    {
      reply: sends({ ...after(2, [{ revision: 3, tokenId: 7 } as { revision: number }]), head: 3 }),
      because: 'nobody’s change',
    },
    {
      reply: sends({
        ...after(2, [{ tokenId } as unknown as { revision: number }]),
        revision: 3,
        head: 3,
      }),
      because: 'no revision',
    },
    {
      reply: (_request, response) => void response.writeHead(503).end(),
      because: 'the store is away',
    },
    {
      reply: (_request, response) => void response.writeHead(302, { Location: '/elsewhere' }).end(),
      because: 'the key goes nowhere else',
    },
  ])('$because', async ({ reply }) => {
    const guard = await start()
    await poll(reply)
    expect(alarms).toMatchObject([{ kind: 'feed_failed', failures: 1 }])
    expect([reasonOf(guard, 'one'), guard.freshness().revision]).toEqual(['unrestricted', 2])
    await poll(sends(after(2, [saved(3, 'one', { status: 'revoked' })])))
    expect(reasonOf(guard, 'one')).toBe('token_revoked')
  })
})

describe('a poisoned record denies its token alone', () => {
  const broken = [{ value: 'not a domain!', subdomains: false }]
  test.each([
    { members: { domains: { enabled: true, entries: broken } }, because: 'an entry is damaged' },
    { members: { ips: { enabled: true, entries: [7] } }, because: 'an entry is no text' },
    { members: { status: 'great' }, because: 'no such status' },
    { members: { mode: null }, because: 'no mode' },
    { members: { secrets: null }, because: 'no secrets: those of before' },
    { members: { secrets: [{ hash: 'x', endsAt: null }] }, because: 'no hash' },
    { members: { expiresAt: -1 }, because: 'no time' },
    { members: { kind: 'unreadable' }, because: 'Keyfence could not read it' },
    { members: { kind: 'toString' }, because: 'no such kind' },
  ])('$because', async ({ members }) => {
    const guard = await start()
    await poll(sends(after(2, [saved(3, 'one', members), saved(4, 'three')])))
    expect(['one', 'two', 'three'].map((token) => reasonOf(guard, token))).toEqual([
      'record_unreadable',
      'unrestricted',
      'unrestricted',
    ])
    expect(alarms).toEqual([{ kind: 'record_unreadable', tokenId: 'tok_one' }])
  })
})

describe('Keyfence restarted with an older store', () => {
  test.each([
    { epoch: 'two', because: 'a restored store has another epoch' },
    { epoch: 'one', because: 'a feed that went back begins anew' },
  ])('$because: nothing known before counts', async ({ epoch }) => {
    const guard = await start()
    await poll(sends(page({ epoch, changes: [saved(1, 'two', { status: 'revoked' })] })))
    expect([reasonOf(guard, 'one'), reasonOf(guard, 'two')]).toEqual([
      'token_unknown',
      'token_revoked',
    ])
    expect(alarms).toEqual([{ kind: 'feed_restarted' }])
  })

  test('until the new copy is whole, nobody is known', async () => {
    const guard = await start({ whenStale: 'goOn' })
    let isFirst = true
    await poll((request, response) => {
      if (!isFirst) return cutOff(request, response)
      isFirst = false
      return sends({ ...page({ epoch: 'two', changes: [saved(1, 'one')] }), head: 2 })(
        request,
        response,
      )
    })
    expect(reasonOf(guard, 'one')).toBe('store_unavailable')
    await poll(sends(page({ epoch: 'two', after: 1, changes: [saved(2, 'two')] })))
    expect([reasonOf(guard, 'one'), reasonOf(guard, 'two')]).toEqual([
      'unrestricted',
      'unrestricted',
    ])
  })
})

describe('a key', () => {
  test.each([401, 403])('that is not taken at the start is told at once: %i', async (status) => {
    feed.reply = (_request, response) => void response.writeHead(status).end()
    await expect(start()).rejects.toThrow(FeedError)
  })

  test('that is revoked later is an alarm, and the copy goes stale', async () => {
    const guard = await start()
    await poll((_request, response) => void response.writeHead(401).end())
    expect(alarms[0]).toEqual({ kind: 'key_refused', status: 401 })
    pass(60_001)
    expect(reasonOf(guard, 'one')).toBe('store_unavailable')
  })
})

describe('options that cannot be meant are refused', () => {
  test.each<{ options: object; says: RegExp }>([
    { options: { url: 'keyfence:8081' }, says: /^url: give/ },
    { options: { url: 'https://user@keyfence' }, says: /^url: give/ },
    { options: { url: 'http://keyfence.internal' }, says: /^url: use https/ },
    { options: { key: 'kf_not-a-management-key' }, says: /^key: give/ },
    { options: { trustedProxies: ['0.0.0.0/0'] }, says: /everybody/ },
    { options: { trustedProxies: ['proxy.internal'] }, says: /^trustedProxies: give/ },
    { options: { maxStalenessMs: 1000 }, says: /^maxStalenessMs/ },
    { options: { maxStalenessMs: Number.NaN }, says: /^maxStalenessMs/ },
    { options: { whenStale: 'allow' }, says: /^whenStale/ },
  ])('$options', async ({ options, says }) => {
    await expect(start(options)).rejects.toThrow(says)
  })
})
