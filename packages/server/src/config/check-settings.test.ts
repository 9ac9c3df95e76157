import { describe, expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

function problemsOf(env: Readonly<Record<string, string>>): string[] {
  const read = readConfig({ flags: {}, env, readFile: () => ({ ok: false, problem: 'none' }) })
  return read.ok ? [] : read.problem.map(({ code, place }) => `${code} ${place}`)
}

const PROFILE = 'KEYFENCE_CHECK_PROFILE'
const FORWARDS = 'KEYFENCE_FORWARDS_BROWSER_FIELDS'

describe('a proxy that drops what tells a browser', () => {
  test.each([
    { env: { [PROFILE]: 'envoy' }, because: 'envoy was not said to pass it' },
    { env: { [PROFILE]: 'apisix' }, because: 'apisix was not said to pass it' },
    { env: { [PROFILE]: 'envoy', [FORWARDS]: 'false' }, because: 'envoy was said not to' },
    { env: { [PROFILE]: 'apisix', [FORWARDS]: '0' }, because: 'apisix was said not to' },
  ])('is refused: $because', ({ env }) => {
    expect(problemsOf(env)).toEqual([`dangerous_value ${PROFILE}`])
  })

  test.each([
    { env: { [PROFILE]: 'envoy', [FORWARDS]: 'true' }, because: 'envoy was said to pass it' },
    { env: { [PROFILE]: 'apisix', [FORWARDS]: '1' }, because: 'apisix was said to pass it' },
    ...['plain', 'nginx', 'haproxy', 'traefik', 'caddy'].map((profile) => ({
      env: { [PROFILE]: profile },
      because: `${profile} passes it by itself`,
    })),
  ])('is taken: $because', ({ env }) => expect(problemsOf(env)).toEqual([]))
})
