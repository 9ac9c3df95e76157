import { describe, expect, test } from 'vitest'
import type { TokenId } from '../identifier/identifier.ts'
import { ActivityCollector, KEYS_MAX } from './activity-collector.ts'
import { PATH_LENGTH_MAX } from './inert-text.ts'
import { restrictedTo } from '../token/restrictions-fixture.ts'
import { nextRequestId, observed, TEST_TOKEN, type TestRequest } from './observed.ts'

const NOON = Date.parse('2026-11-24T12:00:00Z')

function collecting({ refusalsMax = 1000, refusalsPerTokenMax = 100 } = {}) {
  const time = { now: NOON }
  const collector = new ActivityCollector({
    now: () => time.now,
    requestId: nextRequestId,
    refusalsMax,
    refusalsPerTokenMax,
  })
  const observe = (request: TestRequest) => collector.observe(observed(request, time.now))
  /** Everything that waits, batch by batch. */
  const take = () => {
    const batches = []
    collector.seal()
    for (let batch = collector.oldest; batch !== undefined; batch = collector.oldest) {
      batches.push(batch)
      collector.release()
    }
    return batches
  }
  return { collector, time, observe, take }
}

function tokenNumber(number: number): TokenId {
  return `tok_${number}` as TokenId // nobody parses it here
}

const SHOP = restrictedTo({ domains: ['shop.com'], ips: ['8.8.8.8'] })

describe('a call is', () => {
  test.each<{
    request: TestRequest
    refusal: object | undefined
    seen: object | undefined
    used: boolean
    because: string
  }>([
    {
      request: { token: 'none', origin: 'https://shop.com', method: 'PUT' },
      refusal: {
        reason: 'token_missing',
        tokenId: undefined,
        owner: undefined,
        source: undefined,
        domain: undefined,
        method: 'PUT',
        enforced: true,
      },
      seen: undefined,
      used: false,
      because: 'without a token nothing is told of where it came from',
    },
    {
      request: { token: 'unknown' },
      refusal: { reason: 'token_unknown', tokenId: undefined, address: undefined },
      seen: undefined,
      used: false,
      because: "nobody's token",
    },
    {
      request: { status: 'revoked', origin: 'https://shop.com' },
      refusal: { reason: 'token_revoked', tokenId: TEST_TOKEN, domain: 'shop.com' },
      seen: undefined,
      used: false,
      because: 'the lists never came to judge it',
    },
    {
      request: { restrictions: SHOP, origin: 'https://evil.com' },
      refusal: { reason: 'domain_not_listed', source: 'browser', domain: 'evil.com' },
      seen: { kind: 'domain', value: 'evil.com', count: 1, allowed: 0 },
      used: false,
      because: 'a page that is not listed',
    },
    {
      request: { restrictions: SHOP, origin: 'null' },
      refusal: { reason: 'domain_unreadable', domain: undefined },
      seen: { kind: 'domain_unreadable', value: '' },
      used: false,
      because: 'a page without a domain',
    },
    {
      request: { restrictions: SHOP, peer: undefined },
      refusal: { reason: 'ip_unreadable', address: undefined },
      seen: { kind: 'ip_unreadable', value: '' },
      used: false,
      because: 'an address that cannot be told',
    },
    {
      request: { restrictions: SHOP, origin: 'http://shop.com', httpsOriginsOnly: true },
      refusal: { reason: 'domain_not_listed', domain: 'shop.com' },
      seen: { kind: 'http_domain', value: 'shop.com' },
      used: false,
      because: 'a listed page that is not served over https',
    },
    {
      request: { restrictions: SHOP, peer: '2606:4700:0::1', mode: 'report' },
      refusal: { reason: 'ip_not_listed', address: '2606:4700::1', enforced: false },
      seen: { kind: 'address', value: '2606:4700::1', allowed: 1 },
      used: true,
      because: 'let through in report mode, and a refusal all the same',
    },
    {
      request: { restrictions: SHOP, peer: '::ffff:8.8.8.8' },
      refusal: undefined,
      seen: { kind: 'address', value: '8.8.8.8', count: 1, allowed: 1 },
      used: true,
      because: 'a listed address',
    },
    {
      request: { origin: 'https://anywhere.com' },
      refusal: undefined,
      seen: { kind: 'domain', value: 'anywhere.com', firstAt: NOON, lastAt: NOON },
      used: true,
      because: 'allowed calls are seen too',
    },
  ])('recorded: $because', ({ request, refusal, seen, used }) => {
    const { observe, take } = collecting()
    observe({ ...request, requestId: 'req_its_own' })
    const [batch] = take()
    expect(batch?.minute).toBe(NOON)
    expect(batch?.counts).toEqual([
      {
        tokenId: request.token === undefined ? TEST_TOKEN : undefined,
        effect: used ? 'allow' : 'deny',
        reason: expect.any(String),
        source: request.token === undefined ? expect.any(String) : undefined,
        count: 1,
      },
    ])
    expect(batch?.refusals).toMatchObject(refusal === undefined ? [] : [refusal])
    expect(batch?.seen).toMatchObject(seen === undefined ? [] : [{ tokenId: TEST_TOKEN, ...seen }])
    expect(batch?.used).toEqual(used ? [TEST_TOKEN] : [])
  })

  test('found by the request id of its answer, or in report mode by one of its own', () => {
    const { observe, take } = collecting()
    observe({ token: 'none', requestId: 'req_answered' })
    observe({ restrictions: SHOP, peer: '8.8.4.4', mode: 'report' })
    const ids = take()[0]?.refusals.map(({ requestId }) => requestId)
    expect(ids).toEqual(['req_answered', expect.stringMatching(/^req_\d{22}$/)])
  })
})

describe('a batch', () => {
  test('counts by token, effect, reason and source', () => {
    const { observe, take } = collecting()
    const report = { restrictions: SHOP, origin: 'https://evil.com', mode: 'report' } as const
    for (let call = 0; call < 3; call++) observe({ restrictions: SHOP, origin: 'https://evil.com' })
    for (let call = 0; call < 2; call++) observe(report)
    observe({})
    observe({ origin: 'https://shop.com' })
    observe({ tokenId: tokenNumber(2) })
    observe({ token: 'none' })
    const counts = take()[0]?.counts.map(({ tokenId, effect, reason, source, count }) =>
      [tokenId === TEST_TOKEN ? 1 : tokenId, effect, reason, source, count].join(' '),
    )
    expect(counts).toEqual([
      '1 deny domain_not_listed browser 3',
      '1 allow domain_not_listed browser 2',
      '1 allow unrestricted server 1',
      '1 allow unrestricted browser 1',
      'tok_2 allow unrestricted server 1',
      ' deny token_missing  1',
    ])
  })

  test('ends with its minute, whichever way the clock goes', () => {
    const { time, observe, take } = collecting()
    for (const ms of [0, 59_999, 60_000, 59_999]) {
      time.now = NOON + ms
      observe({})
    }
    const minutes = take().map(({ minute, counts }) => [minute - NOON, counts[0]?.count])
    expect(minutes).toEqual([
      [0, 2],
      [60_000, 1],
      [0, 1],
    ])
  })

  test('tells a page over http from the same over https, where that matters', () => {
    const { observe, take } = collecting()
    for (const scheme of ['http', 'https', 'http']) {
      observe({ origin: `${scheme}://shop.com`, httpsOriginsOnly: true })
    }
    const seen = take()[0]?.seen.map(({ kind, value, count }) => [kind, value, count])
    expect(seen).toEqual([
      ['http_domain', 'shop.com', 2],
      ['domain', 'shop.com', 1],
    ])
  })

  test('holds 50 values of a token, and the calls from all others in one more', () => {
    const { time, observe, take } = collecting()
    for (let page = 0; page < 50; page++) observe({ origin: `https://${page}.com` })
    time.now++
    observe({ peer: '8.8.4.4' })
    time.now++
    observe({ restrictions: SHOP, origin: 'https://late.com' })
    observe({ origin: 'https://0.com' })
    const seen = take()[0]?.seen ?? []
    expect(seen).toHaveLength(51)
    expect(seen.at(0)).toMatchObject({ value: '0.com', count: 2, lastAt: NOON + 2 })
    expect(seen.at(-1)).toEqual({
      tokenId: TEST_TOKEN,
      kind: 'other',
      value: '',
      count: 2,
      allowed: 1,
      firstAt: NOON + 1,
      lastAt: NOON + 2,
    })
  })
})

describe('memory', () => {
  test('holds so many refusals over all batches; what is beyond is counted and gone', () => {
    const { collector, time, observe, take } = collecting({ refusalsMax: 5 })
    for (let call = 0; call < 4; call++) observe({ token: 'none' })
    time.now += 60_000
    for (let call = 0; call < 4; call++) observe({ status: 'revoked' })
    expect(collector.dropped).toEqual({ refusals: 3, counts: 0, seen: 0 })
    const batches = take()
    expect(batches.map(({ refusals }) => refusals.length)).toEqual([4, 1])
    expect(batches.map(({ counts }) => counts[0]?.count)).toEqual([4, 4])
    observe({ token: 'none' })
    expect(take()[0]?.refusals).toHaveLength(1)
  })

  test("one token's refusals leave room for others'", () => {
    const { collector, observe, take } = collecting({ refusalsPerTokenMax: 2 })
    for (let call = 0; call < 9; call++) observe({ status: 'revoked' })
    for (let call = 0; call < 30; call++) observe({ token: 'unknown' })
    observe({ status: 'disabled', tokenId: tokenNumber(2) })
    expect(collector.dropped.refusals).toBe(7 + 10)
    const kept = Map.groupBy(take()[0]?.refusals ?? [], ({ reason }) => reason)
    expect([...kept].map(([reason, { length }]) => [reason, length])).toEqual([
      ['token_revoked', 2],
      ['token_unknown', 20],
      ['token_disabled', 1],
    ])
  })

  test('the newest refusals of a token stay, in the order in which they came', () => {
    const { time, observe, take } = collecting({ refusalsPerTokenMax: 3 })
    const other = { status: 'disabled', tokenId: tokenNumber(2) } as const
    for (const name of ['a', 'b', 'x', 'c', 'd', 'y', 'e']) {
      time.now++
      observe({ ...(name < 'x' ? { status: 'revoked' } : other), requestId: name })
    }
    const kept = take()[0]?.refusals.map(({ requestId }) => requestId)
    expect(kept).toEqual(['x', 'c', 'd', 'y', 'e'])
  })

  test('holds so many keys; known ones go on counting', () => {
    const { collector, observe, take } = collecting()
    const template = observed({})
    const { policy } = template.verdict
    if (policy === undefined || template.verdict.effect === 'refuse') throw new Error('no token')
    for (let token = 0; token * 3 < KEYS_MAX + 3; token++) {
      const verdict = { ...template.verdict, policy: { ...policy, tokenId: `tok_${token}` } }
      collector.observe({ ...template, verdict })
    }
    const { counts, seen } = collector.dropped
    expect(counts + seen).toBeGreaterThan(0)
    observe({ tokenId: tokenNumber(0) })
    expect(collector.dropped).toEqual({ refusals: 0, counts, seen })
    observe({ tokenId: tokenNumber(-1), token: 'known' })
    expect(collector.dropped).toEqual({ refusals: 0, counts: counts + 1, seen: seen + 1 })
    const [batch] = take()
    expect(batch?.counts.find(({ tokenId }) => tokenId === tokenNumber(0))?.count).toBe(2)
    observe({ tokenId: tokenNumber(-1) })
    expect(take()[0]?.counts).toHaveLength(1)
  })

  test('a batch that is given up is counted, and gives its room back', () => {
    const { collector, observe, take } = collecting({ refusalsMax: 1 })
    observe({ restrictions: SHOP, origin: 'https://evil.com' })
    observe({})
    collector.seal()
    collector.drop()
    collector.drop()
    expect(collector.dropped).toEqual({ refusals: 1, counts: 2, seen: 2 })
    observe({ token: 'none' })
    expect(take()[0]?.refusals).toHaveLength(1)
  })

  test('a long path is cut, a long domain stays whole', () => {
    const { observe, take } = collecting()
    const origin = `https://${'a.'.repeat(100)}com`
    observe({ restrictions: SHOP, origin, path: `/${'x'.repeat(16_384)}` })
    const [refusal] = take()[0]?.refusals ?? []
    expect(refusal?.domain).toBe(`${'a.'.repeat(100)}com`)
    expect(refusal?.path).toHaveLength(PATH_LENGTH_MAX)
  })
})
