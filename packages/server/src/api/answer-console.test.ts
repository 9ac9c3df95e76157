import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConsoleFiles } from './console-files.ts'
import { type RunningApi, startApi } from './running-api.ts'

let api: RunningApi
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-console-'))
  mkdirSync(join(folder, 'dist/assets'), { recursive: true })
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html><title>Keyfence</title>')
  writeFileSync(join(folder, 'dist/assets/index-abc.js'), 'export {}')
  writeFileSync(join(folder, 'dist/assets/notes.txt'), 'not served')
  writeFileSync(join(folder, 'secret.html'), 'beside the console')
  api = await startApi({}, readConsoleFiles(join(folder, 'dist')))
})
afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true, force: true })
})

const HTML = { Accept: 'text/html,application/xhtml+xml' }
const get = (target: string, headers: object = HTML) =>
  api.ask('GET', target, { headers: { ...headers } })

describe('the console', () => {
  test.each(['/', '/tokens', '/tokens/tok_1/access?tab=1', '/link', '/nowhere'])(
    'is one page at %s, with a policy that lets in nothing of others',
    async (target) => {
      const { status, text, headers } = await get(target)
      expect([status, text]).toEqual([200, expect.stringContaining('<title>Keyfence')])
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
    },
  )

  test('has files that are kept for a year, because their names change with them', async () => {
    const { status, headers } = await get('/assets/index-abc.js', {})
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
  })

  test.each<{ accepts: string; isGzip: boolean; because: string }>([
    { accepts: 'gzip, deflate, br', isGzip: true, because: 'what browsers say' },
    { accepts: 'br;q=1.0, GZIP;q=0.5', isGzip: true, because: 'less wanted, and in capitals' },
    { accepts: '', isGzip: false, because: 'nothing is said' },
    { accepts: 'br, zstd', isGzip: false, because: 'others' },
    { accepts: 'gzip;q=0', isGzip: false, because: 'not at all' },
    { accepts: 'gzip; q=0.000', isGzip: false, because: 'not at all' },
    { accepts: 'x-gzip-like, *', isGzip: false, because: 'another name' },
  ])('is compressed for who takes it: $because', async ({ accepts, isGzip }) => {
    for (const target of ['/tokens', '/assets/index-abc.js']) {
      const answer = await fetch(`http://127.0.0.1:${api.place.port}${target}`, {
        headers: { ...HTML, 'Accept-Encoding': accepts },
      })
      expect(await answer.text()).toMatch(/^(?:<!doctype html>|export)/)
      expect(answer.headers.get('content-encoding')).toBe(isGzip ? 'gzip' : null)
      expect(answer.headers.get('vary')).toBe('Accept-Encoding')
    }
  })

  test.each([
    { target: '/tokens', headers: {}, because: 'a program asks' },
    { target: '/v1/nowhere', headers: HTML, because: 'no route of the API' },
    { target: '/v1', headers: HTML, because: 'the API itself' },
    { target: '/assets/index-old.js', headers: HTML, because: 'a file that is gone' },
    { target: '/assets/notes.txt', headers: HTML, because: 'no file of the console' },
    { target: '/assets/../../secret.html', headers: {}, because: 'beside it' },
    { target: '/assets/..%2f..%2fsecret.html', headers: HTML, because: 'beside it, encoded' },
    { target: '/assets/%2e%2e/%2e%2e/secret.html', headers: {}, because: 'beside it, encoded' },
  ])('is not $target: $because', async ({ target, headers }) => {
    expect((await get(target, headers)).status).toBe(404)
  })

  test('changes nothing: another method is no page', async () => {
    expect((await api.ask('POST', '/tokens', { headers: HTML })).status).toBe(404)
  })

  test('is on no other host name', async () => {
    expect((await get('/tokens', { ...HTML, Host: 'evil.example' })).status).toBe(421)
  })
})

test('a console that was not built is no page', async () => {
  const without = await startApi({}, readConsoleFiles(join(folder, 'missing')))
  expect((await without.ask('GET', '/', { headers: HTML })).status).toBe(404)
  await without.stop()
})
