import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string

beforeEach(async () => {
  api = await startApi()
  key = await api.key(['read', 'write'])
})
afterEach(() => api.stop())

const revoke = (body: object, asked = key): Promise<Answer> =>
  api.ask('POST', '/v1/tokens/revoke', { key: asked, body })
const statusOf = async (id: string) =>
  (await api.ask('GET', `/v1/tokens/${id}`, { key })).body['status']
const UNKNOWN = 'tok_01a20dc4-9a60-7696-a970-dea53845acf4'

describe('revoking many tokens', () => {
  test('by their ids hits all of them at this node before it is answered', async () => {
    const [one, two, other] = [await api.token(), await api.token(), await api.token()]
    const answer = await revoke({ ids: [two.id, one.id, one.id] })
    expect(answer).toMatchObject({ status: 200, body: { revoked: 2, alreadyRevoked: 0 } })
    expect(api.lookUp(one.secret)).toMatchObject({ policy: { life: { status: 'revoked' } } })
    expect(api.lookUp(two.secret)).toMatchObject({ policy: { life: { status: 'revoked' } } })
    expect(api.lookUp(other.secret)).toMatchObject({ policy: { life: { status: 'active' } } })
  })

  test('by their owner hits theirs alone, disabled ones too', async () => {
    const mine = await api.token({ owner: 'acme' })
    const disabled = await api.token({ owner: 'acme' })
    const theirs = await api.token({ owner: 'acme2' })
    await api.operator(`/v1/tokens/${disabled.id}/disable`, {})
    expect((await revoke({ owner: 'acme' })).body).toMatchObject({ revoked: 2 })
    expect(await statusOf(mine.id)).toBe('revoked')
    expect(await statusOf(disabled.id)).toBe('revoked')
    expect(await statusOf(theirs.id)).toBe('active')
  })

  test('again is no mistake and writes nothing', async () => {
    const { id } = await api.token()
    await revoke({ ids: [id] })
    const { revision } = api.follower.freshness()
    expect((await revoke({ ids: [id] })).body).toMatchObject({ revoked: 0, alreadyRevoked: 1 })
    expect(api.follower.freshness().revision).toBe(revision)
    const entries = await api.ask('GET', `/v1/audit?target=${id}&action=token.revoke`, { key })
    expect(entries.body['items']).toMatchObject([{ details: { from: 'active' } }])
  })

  test('of which one does not exist revokes none, and says which', async () => {
    const { id } = await api.token()
    const answer = await revoke({ ids: [id, UNKNOWN, 'no id'] })
    expect(answer).toMatchObject({
      status: 404,
      body: { code: 'not_found', problems: [{ path: '/ids/1' }, { path: '/ids/2' }] },
    })
    expect(await statusOf(id)).toBe('active')
  })

  test('of others is not to be had with a key that is bound to an owner', async () => {
    const bound = await api.key(['write'], 'acme')
    const [mine, theirs] = [await api.token({ owner: 'acme' }), await api.token({ owner: 'bob' })]
    expect((await revoke({ ids: [mine.id, theirs.id] }, bound)).status).toBe(404)
    expect((await revoke({ owner: 'bob' }, bound)).body).toMatchObject({ revoked: 0 })
    expect(await statusOf(mine.id)).toBe('active')
    expect(await statusOf(theirs.id)).toBe('active')
    expect((await revoke({ owner: 'acme' }, bound)).body).toMatchObject({ revoked: 1 })
  })

  test.each<{ body: object; because: string }>([
    { body: {}, because: 'nothing is named' },
    { body: { ids: [] }, because: 'nothing is named' },
    { body: { ids: [UNKNOWN], owner: 'acme' }, because: 'both may be meant' },
    { body: { ids: UNKNOWN }, because: 'no list' },
    { body: { ids: Array.from({ length: 10_001 }, () => UNKNOWN) }, because: 'more than 10,000' },
    { body: { owner: 'a b' }, because: 'no owner' },
  ])('is refused: $because', async ({ body }) => {
    expect((await revoke(body)).status).toBe(400)
  })
})
