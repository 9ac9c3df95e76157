/** Faults F2, F3 and F5 of docs/reliability.md: the store waits, fails, or is held by somebody else. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  MANAGEMENT_KEY,
  manage,
  type RunningKeyfence,
  send,
  startKeyfence,
} from '../running-keyfence.ts'
import { type NodeAtTime, startNodeAt } from './node-at-time.ts'

const draft = { name: 'shop', owner: 'acme' }
const MINUTE_MS = 60_000

describe('while another process holds the write lock', () => {
  let keyfence: RunningKeyfence
  let other: DatabaseSync

  beforeAll(async () => {
    keyfence = await startKeyfence({})
    other = new DatabaseSync(join(keyfence.folder, 'keyfence.db'))
  })

  afterAll(async () => {
    other.close()
    await keyfence.close()
  })

  const create = () =>
    send(`${keyfence.managementUrl}/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(draft),
    })

  // On a busy machine a turn may be late: that is no matter of the store.
  const NO_PROBLEM = expect.toBeOneOf([null, 'event_loop_late'])

  const readiness = async () => JSON.parse((await send(`${keyfence.managementUrl}/readyz`)).body)

  test('requests are decided, management answers 503 in time, and then goes on', async () => {
    const { secret } = (await manage(keyfence, 'POST /v1/tokens', draft)).body
    other.exec('begin exclusive')
    let waiting = 10
    const writes = Array.from({ length: waiting }, async () => {
      const answer = await create()
      waiting--
      return [answer.status, JSON.parse(answer.body).code, answer.headers['retry-after']]
    })
    for (let request = 0; request < 10; request++) {
      const answer = await send(keyfence.url, { headers: { 'x-api-key': secret } })
      expect(answer.status).toBe(200)
    }
    // Not one decision waited for the store, and a probe does not either.
    expect(waiting).toBe(10)
    expect(await readiness()).toMatchObject({ reason: NO_PROBLEM, store: 'unavailable' })
    for (const write of await Promise.all(writes)) {
      expect(write).toEqual([503, 'store_unavailable', expect.stringMatching(/^\d+$/)])
    }
    // Ten writers waited one after another, and the copy was followed all the same.
    expect((await readiness()).copyAgeMs).toBeLessThan(5000)
    other.exec('rollback')
    expect((await create()).status).toBe(201)
    expect(await readiness()).toMatchObject({ reason: NO_PROBLEM, store: 'answers' })
  })
})

describe('while the store cannot be read', () => {
  let node: NodeAtTime
  let other: DatabaseSync

  beforeAll(async () => {
    node = await startNodeAt()
    other = new DatabaseSync(join(node.folder, 'keyfence.db'))
  })

  afterAll(async () => {
    other.close()
    await node.close()
  })

  test('known tokens are decided for maxStaleness, nothing is allowed after it, and then again', async () => {
    const { secret } = await node.token()
    const revoked = await node.token()
    await node.manage('POST', `/v1/tokens/${revoked.id}/revoke`)
    other.exec('alter table changes rename to gone')
    node.time.monotonic += MINUTE_MS - 1000
    expect([await node.status(secret), await node.status(revoked.secret)]).toEqual([200, 401])
    expect(await node.manage('POST', '/v1/tokens', draft)).toMatchObject({ status: 503 })
    node.time.monotonic += 2000
    for (const token of [secret, revoked.secret, 'unknown']) {
      const answer = await node.send({ 'x-api-key': token })
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.any(String)])
    }
    other.exec('alter table gone rename to changes')
    await expect.poll(() => node.status(secret), { timeout: 10_000 }).toBe(200)
    expect(await node.status(revoked.secret)).toBe(401)
    expect(await node.manage('POST', '/v1/tokens', draft)).toMatchObject({ status: 201 })
  })
})
