import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlace, parsed, type Place } from './cli-fixture.ts'

const PORTAL = { env: { KEYFENCE_PORTAL_URL: 'https://access.example.com' } }

let place: Place

beforeAll(async () => {
  place = await openPlace('store')
})
afterAll(() => place.close())

test('a link to the portal is printed alone, so that a script can hand it on', async () => {
  const { code, out } = await place.run(['portal', 'link', '--owner=acme'], PORTAL)
  expect(code).toBe(0)
  expect(out).toMatch(/^https:\/\/access\.example\.com\/link#[A-Za-z0-9_-]{43}\n$/)
})

test('its capabilities are words with commas between them, or the option again', async () => {
  const can = ['--can=restrict, activity', '--can=create,restrict']
  const back = '--return-url=https://app.example.com'
  const argv = ['portal', 'link', '--owner=acme', ...can, back, '--json']
  const { out } = await place.run(argv, PORTAL)
  const { id } = parsed(out)
  const log = parsed((await place.run(['audit', '--owner=acme', '--json'])).out)
  const granted = (log.items ?? log).find((entry) => entry['target'] === id)
  expect(granted?.['details']).toEqual({ capabilities: ['restrict', 'activity', 'create'] })
})

test.each([
  { argv: ['--owner=acme'], env: {}, code: 1, said: 'portalListen', because: 'there is no portal' },
  { argv: [], env: PORTAL.env, code: 2, said: '--owner', because: 'nobody’s' },
  { argv: ['--owner=a b'], env: PORTAL.env, code: 2, said: 'owner', because: 'no owner’s id' },
  {
    argv: ['--owner=acme', '--can=admin'],
    env: PORTAL.env,
    code: 2,
    said: 'restrict, activity',
    because: 'no such word',
  },
  {
    argv: ['--owner=acme', '--return-url=javascript:alert(1)'],
    env: PORTAL.env,
    code: 2,
    said: 'https://',
    because: 'a way back that is a script',
  },
])('$argv is refused with $code: $because', async ({ argv, env, code, said }) => {
  const ran = await place.run(['portal', 'link', ...argv], { env })
  expect([ran.code, ran.out]).toEqual([code, ''])
  expect(ran.err).toContain(said)
})
