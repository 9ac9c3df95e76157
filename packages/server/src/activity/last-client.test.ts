import { expect, test } from 'vitest'
import { LastClient, laterClient, type SeenClient } from './last-client.ts'
import { observed } from './observed.ts'

test('holds the peer, X-Forwarded-For and the time, and nothing else of a request', () => {
  const clients = new LastClient()
  clients.note(observed({ origin: 'https://shop.example.com', path: '/secret' }), 7)
  expect(clients.last).toEqual({ at: 7, peer: '8.8.8.8', forwardedFor: [] })
})

test('a value is cut, and so are many of them', () => {
  const clients = new LastClient()
  const observation = observed({})
  const forwardedFor = Array.from({ length: 99 }, () => 'x'.repeat(9999))
  const evidence = { ...observation.verdict.evidence, forwardedFor }
  const verdict = { ...observation.verdict, evidence }
  clients.note({ ...observation, verdict }, 7)
  expect(clients.last?.forwardedFor).toHaveLength(33)
  expect(clients.last?.forwardedFor[0]).toHaveLength(2048)
})

test('a caller that may not ask is no client', () => {
  const clients = new LastClient()
  const { evidence } = observed({}).verdict
  const reason = 'check_caller_not_trusted'
  const refused = {
    effect: 'refuse',
    reason,
    policy: undefined,
    source: undefined,
    evidence,
  } as const
  clients.note({ ...observed({}), verdict: refused }, 7)
  expect(clients.last).toBeUndefined()
})

test('of two the later one counts', () => {
  const at = (time: number): SeenClient => ({ at: time, peer: undefined, forwardedFor: [] })
  expect(laterClient(undefined, undefined)).toBeUndefined()
  expect(laterClient(at(1), undefined)).toEqual(at(1))
  expect(laterClient(at(1), at(2))).toEqual(at(2))
})
