/** Fault F22 of docs/reliability.md: unknown tokens in numbers. How they slow others is measured by hand. */
import { hash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'

let keyfence: RunningKeyfence

beforeAll(async () => {
  keyfence = await startKeyfence({})
})
afterAll(() => keyfence.close())

test('a key that was missed a moment ago works as soon as its import is answered', async () => {
  const keys = Array.from({ length: 500 }, () => randomBytes(20).toString('hex'))
  const ask = async (key: string) =>
    (await send(keyfence.url, { headers: { 'x-api-key': key } })).status
  for (const key of keys) expect(await ask(key)).toBe(401)
  const tokens = keys.map((key) => ({ name: 'a', owner: 'b', hash: hash('sha256', key, 'hex') }))
  // More than a management body may hold by default, so in two.
  for (const part of [tokens.slice(0, 250), tokens.slice(250)]) {
    expect(await manage(keyfence, 'POST /v1/tokens/import', { tokens: part })).toMatchObject({
      status: 201,
    })
  }
  for (const key of keys) expect(await ask(key)).toBe(200)
}, 60_000)
