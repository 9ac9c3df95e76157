import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type RunningApi, startApi } from './running-api.ts'

let api: RunningApi
let key: string

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['read', 'write'])
})
afterAll(() => api.stop())

const HOUR = 3_600_000
const body = { name: 'x', owner: 'alice' }
let made = 0

/** An `Idempotency-Key` that no other test has. */
const newIdempotencyKey = () => `order-${++made}`

const create = (idempotencyKey: string, asked: object = {}) =>
  api.ask('POST', '/v1/tokens', {
    key,
    body,
    headers: { 'Idempotency-Key': idempotencyKey },
    ...asked,
  })

const tokensOf = async (owner: string): Promise<number> => {
  const answer = await api.ask('GET', `/v1/tokens?limit=200&owner=${owner}`, { key })
  return (answer.body['items'] as unknown[]).length // as documented
}

describe('an Idempotency-Key', () => {
  test.each<{ value: string; because: string }>([
    { value: '', because: 'empty' },
    { value: 'a b', because: 'a blank' },
    { value: 'x'.repeat(201), because: 'too long' },
    { value: 'ä', because: 'outside ASCII' },
  ])('"$value" is 400: $because', async ({ value }) => {
    const answer = await create(Buffer.from(value).toString('latin1'))
    expect([answer.status, answer.body['parameter']]).toEqual([400, 'Idempotency-Key'])
  })

  test('in two fields is 400', async () => {
    const answer = await create('', { headers: { 'Idempotency-Key': ['a', 'b'] } })
    expect(answer.status).toBe(400)
  })

  test('makes a repetition harmless: the same answer without the secret', async () => {
    const idempotencyKey = newIdempotencyKey()
    const before = await tokensOf('alice')
    const first = await create(idempotencyKey)
    const again = await create(idempotencyKey)
    const { secret, ...shown } = first.body
    expect(secret).toMatch(/^kf_/)
    expect(again.status).toBe(201)
    expect(again.body).toEqual({ ...shown, secretAlreadyShown: true })
    expect(await tokensOf('alice')).toBe(before + 1)
  })

  test('with another body or at another route is 422, and changes nothing', async () => {
    const idempotencyKey = newIdempotencyKey()
    const first = await create(idempotencyKey)
    const before = await tokensOf('alice')
    const otherBody = await create(idempotencyKey, { body: { ...body, name: 'y' } })
    const headers = { 'Idempotency-Key': idempotencyKey }
    const target = `/v1/tokens/${first.body.id}/rotate`
    const otherRoute = await api.ask('POST', target, { key, body, headers })
    const rotated = await api.ask('POST', target, { key, headers })
    expect([otherBody.status, otherBody.body['code']]).toEqual([422, 'idempotency_key_reused'])
    expect([otherRoute.status, rotated.status]).toEqual([400, 422])
    expect(await tokensOf('alice')).toBe(before)
    expect(api.lookUp(first.body.secret)).toMatchObject({ secretEndsAt: undefined })
  })

  test('is one of its caller: another key makes another token', async () => {
    const idempotencyKey = newIdempotencyKey()
    const first = await create(idempotencyKey)
    const other = await create(idempotencyKey, { key: await api.key(['write']) })
    expect(other.body.id).not.toBe(first.body.id)
    expect(other.body.secret).toMatch(/^kf_/)
  })

  test('holds for 24 hours', async () => {
    const idempotencyKey = newIdempotencyKey()
    const first = await create(idempotencyKey)
    api.time.wall += 24 * HOUR
    expect((await create(idempotencyKey)).body.id).toBe(first.body.id)
    api.time.wall += 1
    expect((await create(idempotencyKey)).body.id).not.toBe(first.body.id)
  })

  test('does not keep a refusal: what was corrected goes through', async () => {
    const idempotencyKey = newIdempotencyKey()
    expect((await create(idempotencyKey, { body: { name: 'x' } })).status).toBe(400)
    expect((await create(idempotencyKey)).status).toBe(201)
  })

  test('on rotation: the repetition ends no second secret, whatever version it names', async () => {
    const { body: token } = await create(newIdempotencyKey())
    const headers = { 'Idempotency-Key': newIdempotencyKey(), 'If-Match': '"1"' }
    const target = `/v1/tokens/${token.id}/rotate`
    const first = await api.ask('POST', target, { key, headers })
    const again = await api.ask('POST', target, { key, headers })
    const { secret, ...shown } = first.body
    expect([again.status, again.body]).toEqual([200, { ...shown, secretAlreadyShown: true }])
    expect(api.lookUp(secret)).toMatchObject({ state: 'known', secretEndsAt: undefined })
  })

  test('is never kept with a secret or a hash beside it', async () => {
    const { body: token } = await create(newIdempotencyKey())
    const rows = await api.db.selectFrom('idempotent_answers').selectAll().execute()
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain(token.secret)
  })
})

const statuses = (answers: readonly Answer[]) =>
  answers.map(({ status }) => status).sort((one, other) => one - other)

describe('at the same moment', () => {
  test('ten creations with one key make one token and show one secret', async () => {
    const idempotencyKey = newIdempotencyKey()
    const draft = { name: 'x', owner: 'racer' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => create(idempotencyKey, { body: draft })),
    )
    expect(await tokensOf('racer')).toBe(1)
    expect(answers.filter(({ body: answer }) => answer.secret !== undefined)).toHaveLength(1)
    expect(statuses(answers).every((status) => status === 201 || status === 409)).toBe(true)
  })

  test('of five changes that name one version, exactly one wins', async () => {
    const { body: token } = await create(newIdempotencyKey())
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, at) =>
        api.ask('PATCH', `/v1/tokens/${token.id}`, {
          key,
          body: { name: `name ${at}` },
          headers: { 'If-Match': '"1"' },
        }),
      ),
    )
    expect(statuses(answers)).toEqual([200, 412, 412, 412, 412])
    const read = await api.ask('GET', `/v1/tokens/${token.id}`, { key })
    expect(read.headers.etag).toBe('"2"')
    expect(read.body['name']).toBe(answers.find(({ status }) => status === 200)?.body['name'])
  })

  test('of rotations that name one version, exactly one wins and one secret is new', async () => {
    const { body: token } = await create(newIdempotencyKey())
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        api.ask('POST', `/v1/tokens/${token.id}/rotate`, {
          key,
          headers: { 'If-Match': '"1"' },
        }),
      ),
    )
    expect(statuses(answers)).toEqual([200, 412, 412, 412, 412])
    const secrets = await api.db
      .selectFrom('secrets')
      .select('hash')
      .where('token_id', '=', token.id)
      .execute()
    expect(secrets).toHaveLength(2)
  })

  test('of rotating and revoking, revoking always has the last word', async () => {
    for (let round = 0; round < 10; round++) {
      const { body: token } = await create(newIdempotencyKey())
      const target = `/v1/tokens/${token.id}`
      const [rotated, revoked] = await Promise.all([
        api.ask('POST', `${target}/rotate`, { key }),
        api.ask('POST', `${target}/revoke`, { key }),
      ])
      expect(revoked?.status).toBe(200)
      expect([200, 409]).toContain(rotated?.status)
      const newest = rotated?.status === 200 ? rotated.body.secret : token.secret
      expect(api.lookUp(newest)).toMatchObject({ policy: { life: { status: 'revoked' } } })
    }
  })

  test('of rotating and deleting with one version, exactly one wins', async () => {
    const { body: token } = await create(newIdempotencyKey())
    const target = `/v1/tokens/${token.id}`
    const headers = { 'If-Match': '"1"' }
    const answers = await Promise.all([
      api.ask('POST', `${target}/rotate`, { key, headers }),
      api.ask('DELETE', target, { key, headers }),
    ])
    const won = answers.filter(({ status }) => status < 300)
    expect(won).toHaveLength(1)
  })

  test('one hash is imported once', async () => {
    const tokens = [{ hash: 'ab'.repeat(32), ...body }]
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        api.ask('POST', '/v1/tokens/import', { key, body: { tokens } }),
      ),
    )
    expect(statuses(answers)).toEqual([201, 409, 409, 409, 409])
  })
})

describe('If-Match', () => {
  test.each<{ field: string; status: number; because: string }>([
    { field: '"2"', status: 412, because: 'a later version' },
    { field: '"0"', status: 412, because: 'no version' },
    { field: '1', status: 412, because: 'no entity tag' },
    { field: 'W/"1"', status: 412, because: 'a weak tag never matches' },
    { field: '', status: 412, because: 'no tag' },
    { field: '"2", "3"', status: 412, because: 'none of them' },
    { field: '"1"', status: 200, because: 'this version' },
    { field: '"0", "1"', status: 200, because: 'one of them' },
    { field: '*', status: 200, because: 'any that there is' },
  ])('$field of version 1 is $status: $because', async ({ field, status }) => {
    const { body: token } = await create(newIdempotencyKey())
    const answer = await api.ask('PATCH', `/v1/tokens/${token.id}`, {
      key,
      body: { name: 'new' },
      headers: { 'If-Match': field },
    })
    expect(answer.status).toBe(status)
    if (status === 412) expect(answer.body['code']).toBe('precondition_failed')
  })
})
