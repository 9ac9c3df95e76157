import { describe, expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

const read = (env: Readonly<Record<string, string>>) =>
  readConfig({ flags: {}, env, readFile: () => ({ ok: false, problem: 'none' }) })

function config(env: Readonly<Record<string, string>>) {
  const outcome = read(env)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problem))
  return outcome.value.config
}

const PORTAL = { KEYFENCE_PORTAL_LISTEN: '127.0.0.1:8082' }

describe('the owner portal', () => {
  test('is off unless somebody says where it listens', () => {
    const { portalListen, portalUrl, portalFrameHosts } = config({})
    expect([portalListen, portalUrl, portalFrameHosts]).toEqual([undefined, undefined, []])
  })

  test('on loopback is reached by localhost, as long as nobody says otherwise', () => {
    expect(config(PORTAL).portalUrl).toBe('http://localhost:8082')
    const env = { ...PORTAL, KEYFENCE_PORTAL_URL: 'https://access.example.com/' }
    expect(config(env).portalUrl).toBe('https://access.example.com')
  })

  test('may be on another node: its URL is enough to make links', () => {
    const { portalListen, portalUrl } = config({ KEYFENCE_PORTAL_URL: 'https://access.example' })
    expect([portalListen, portalUrl]).toEqual([undefined, 'https://access.example'])
  })

  test('and the console may both be on ports that the system chooses', () => {
    const env = { KEYFENCE_PORTAL_LISTEN: '127.0.0.1:0', KEYFENCE_ADMIN_LISTEN: '127.0.0.1:0' }
    expect(config(env).portalListen?.port).toBe(0)
  })

  test('may be framed by the origins that are listed, a default port dropped', () => {
    const hosts = 'https://APP.example.com:443, http://localhost:3000'
    expect(config({ ...PORTAL, KEYFENCE_PORTAL_FRAME_HOSTS: hosts }).portalFrameHosts).toEqual([
      'https://app.example.com',
      'http://localhost:3000',
    ])
  })

  test.each<{ env: Record<string, string>; code?: string; place: string; because: string }>([
    {
      env: { KEYFENCE_PORTAL_LISTEN: '127.0.0.1:8080' },
      place: 'PORTAL_LISTEN',
      because: 'the data listener',
    },
    {
      env: { KEYFENCE_PORTAL_LISTEN: 'localhost:8081' },
      place: 'PORTAL_LISTEN',
      because: 'the management listener, by name',
    },
    {
      env: { KEYFENCE_PORTAL_LISTEN: '0.0.0.0:8082' },
      place: 'PORTAL_LISTEN',
      because: 'reachable from elsewhere, without a URL',
    },
    {
      env: { ...PORTAL, KEYFENCE_UPSTREAM: 'http://127.0.0.1:8082' },
      place: 'UPSTREAM',
      because: 'the upstream is the portal',
    },
    {
      env: { ...PORTAL, KEYFENCE_PORTAL_URL: 'http://access.example.com' },
      place: 'PORTAL_URL',
      because: 'sessions in the clear',
    },
    {
      env: { KEYFENCE_PORTAL_URL: 'https://k.example', KEYFENCE_PUBLIC_URL: 'https://k.example' },
      place: 'PORTAL_URL',
      because: 'one origin for owners and administrators',
    },
    {
      env: { ...PORTAL, KEYFENCE_PORTAL_FRAME_HOSTS: 'http://app.example.com' },
      place: 'PORTAL_FRAME_HOSTS',
      because: 'a page that anybody on the way can write',
    },
    {
      env: { ...PORTAL, KEYFENCE_PORTAL_FRAME_HOSTS: 'https://*.example.com' },
      code: 'bad_value',
      place: 'PORTAL_FRAME_HOSTS',
      because: 'a pattern, which a CSP would take',
    },
    {
      env: { ...PORTAL, KEYFENCE_PORTAL_FRAME_HOSTS: "https://a.example;script-src'self'" },
      code: 'bad_value',
      place: 'PORTAL_FRAME_HOSTS',
      because: 'another directive of the policy',
    },
    {
      env: { ...PORTAL, KEYFENCE_PORTAL_FRAME_HOSTS: '*' },
      code: 'bad_value',
      place: 'PORTAL_FRAME_HOSTS',
      because: 'everybody',
    },
    {
      env: { KEYFENCE_PORTAL_FRAME_HOSTS: 'https://app.example.com' },
      code: 'bad_value',
      place: 'PORTAL_FRAME_HOSTS',
      because: 'there is no portal',
    },
  ])('$env is refused: $because', ({ env, code = 'dangerous_value', place }) => {
    const outcome = read(env)
    const problems = outcome.ok ? [] : outcome.problem
    expect(problems.map((problem) => `${problem.code} ${problem.place}`)).toEqual([
      `${code} KEYFENCE_${place}`,
    ])
  })
})
