/** Fault F10 of docs/reliability.md: the wall clock is set, in both directions. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NodeAtTime, startNodeAt } from './node-at-time.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let node: NodeAtTime

beforeEach(async () => {
  node = await startNodeAt()
})
afterEach(() => node.close())

const change = (id: string, action: string, body?: object) =>
  node.manage('POST', `/v1/tokens/${id}/${action}`, body)

/** Until the copy is fresh by the clock as it is now. */
const followed = (token: string) => expect.poll(() => node.status(token)).toBe(200)

const expiresIn = (ms: number) => ({ expiresAt: new Date(node.time.wall + ms).toISOString() })

describe('an hour ahead', () => {
  test('nothing is known until the next poll, and what has expired is refused before and after', async () => {
    const lasting = await node.token()
    const expiring = await node.token(expiresIn(30 * MINUTE_MS))
    expect(await node.status(expiring.secret)).toBe(200)
    node.time.wall += HOUR_MS
    expect([401, 503]).toContain(await node.status(expiring.secret))
    await followed(lasting.secret)
    expect(await node.status(expiring.secret)).toBe(401)
  })

  test('a secret that was rotated out for a while has ended', async () => {
    const { id, secret } = await node.token()
    const rotated = await change(id, 'rotate', { overlapMs: 10 * MINUTE_MS })
    expect(await node.status(secret)).toBe(200)
    node.time.wall += HOUR_MS
    await followed(rotated.body.secret)
    expect(await node.status(secret)).toBe(401)
  })
})

describe('an hour back', () => {
  test.each<{ action: string; because: string }>([
    { action: 'revoke', because: 'revocation is no matter of time' },
    { action: 'disable', because: 'nor is disabling' },
    { action: 'rotate', because: 'what ends at once ends before every clock' },
  ])('$action holds: $because', async ({ action }) => {
    const { id, secret } = await node.token()
    const lasting = await node.token()
    expect((await change(id, action)).status).toBe(200)
    node.time.wall -= HOUR_MS
    expect(await node.status(secret)).toBe(401)
    await followed(lasting.secret)
    expect(await node.status(secret)).toBe(401)
  })

  test('the oldest of three secrets stays ended', async () => {
    const { id, secret } = await node.token()
    for (let rotation = 0; rotation < 2; rotation++) {
      await change(id, 'rotate', { overlapMs: 10 * MINUTE_MS })
    }
    node.time.wall -= HOUR_MS
    expect(await node.status(secret)).toBe(401)
  })

  test('a token is not valid before its time', async () => {
    const notBefore = new Date(node.time.wall + MINUTE_MS).toISOString()
    const { secret } = await node.token({ notBefore })
    node.time.wall -= HOUR_MS
    expect(await node.status(secret)).toBe(401)
  })

  test('expiry goes by wall time: what expired within that hour works until it has passed again', async () => {
    const { secret } = await node.token(expiresIn(MINUTE_MS))
    node.time.wall += 2 * MINUTE_MS
    await expect.poll(() => node.status(secret)).toBe(401)
    node.time.wall -= HOUR_MS
    expect(await node.status(secret)).toBe(200)
    node.time.wall += HOUR_MS
    await expect.poll(() => node.status(secret)).toBe(401)
  })
})
