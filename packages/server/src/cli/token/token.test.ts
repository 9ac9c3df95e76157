import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, MANAGEMENT_KEY, openPlace, parsed, type Place, run } from '../cli-fixture.ts'

const UNKNOWN = 'tok_019a2b3c-0000-7000-8000-000000000000'
const SECRET = 'kf_00000000000000000000000000000000000D7yrC'

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')
const values = (entries: readonly string[]) => entries.map((value) => ({ value }))

describe.each(['store', 'node'] as const)('tokens, where they are asked of a %s', (kind) => {
  let place: Place
  beforeAll(async () => {
    place = await openPlace(kind)
  })
  afterAll(() => place.close())

  const newToken = (line = ''): Promise<Answer> =>
    place.json('token', 'create', '--name', 'shop', '--owner', 'acme', ...words(line))
  const restrictionsOf = async (id: string) =>
    (await place.json('token', 'show', id))['restrictions']

  test.each([
    { line: 'token create --owner acme', code: 2, says: '--name', because: 'no name' },
    { line: 'token create --name x', code: 2, says: '--owner', because: 'no owner' },
    { line: 'token create --name x --owner /', code: 2, says: '/owner', because: 'a bad owner' },
    {
      line: 'token create --name x --owner a --expires-in soon',
      code: 2,
      says: 'Write 30s, 15m, 24h or 90d',
      because: 'no duration',
    },
    {
      line: 'token create --name x --owner a --expires-in 1d --expires-at 2027-01-31T12:00:00Z',
      code: 2,
      says: 'cannot be used with',
      because: 'two ends',
    },
    {
      line: 'token create --name x --owner a --expires-at tomorrow',
      code: 2,
      says: '/expiresAt',
      because: 'no time',
    },
    {
      line: 'token create --name x --owner a --metadata plan',
      code: 2,
      says: 'NAME=VALUE',
      because: 'metadata without a value',
    },
    {
      line: 'token create --name x --owner a --domain com',
      code: 1,
      says: '"com" (domain_single_label)',
      because: 'an entry that cannot be listed',
    },
    { line: `token show ${UNKNOWN}`, code: 1, says: 'not_found', because: 'no such token' },
    { line: 'token show tok_1', code: 2, says: 'by its id', because: 'no id' },
    { line: 'token show', code: 2, says: 'missing required argument', because: 'no id at all' },
    { line: 'token list --limit 0', code: 2, says: '1 or more', because: 'a list of none' },
    { line: 'token list --status gone', code: 2, says: 'revoked', because: 'no such status' },
    { line: `token restrict ${UNKNOWN}`, code: 2, says: 'name a list', because: 'nothing to do' },
    {
      line: `token restrict ${UNKNOWN} --domains maybe`,
      code: 2,
      says: 'on, off',
      because: 'no switch',
    },
    {
      line: `token restrict ${UNKNOWN} --ip 8.8.8.8 --clear-ips`,
      code: 2,
      says: 'cannot be used with',
      because: 'both filled and emptied',
    },
    { line: `token change ${UNKNOWN}`, code: 2, says: 'say what', because: 'nothing to do' },
    {
      line: `token change ${UNKNOWN} --no-expiry --expires-in 1d`,
      code: 2,
      says: 'cannot be used with',
      because: 'an end and none',
    },
    { line: `token rotate ${UNKNOWN}`, code: 1, says: 'not_found', because: 'no such token' },
    {
      line: `token rotate ${UNKNOWN} --overlap 31d`,
      code: 2,
      says: '/overlapMs',
      because: 'too long',
    },
    { line: `token delete ${UNKNOWN}`, code: 2, says: '--yes', because: 'nobody to ask' },
    { line: 'token revoke', code: 2, says: 'missing required argument', because: 'none named' },
  ])('$code for "$line": $because', async ({ line, code, says }) => {
    const ran = await place.run(words(line))
    expect(ran.err).toContain(says)
    expect(ran).toMatchObject({ code, out: '' })
  })

  test('a secret in the place of an id is not repeated', async () => {
    for (const command of ['show', 'restrict', 'change', 'rotate', 'revoke', 'delete']) {
      const { code, out, err } = await place.run(['token', command, SECRET])
      expect([command, code]).toEqual([command, 2])
      expect(out + err).not.toContain(SECRET)
    }
  })

  test('all bad entries are told at once, each with its code, and none is saved', async () => {
    const { id } = await newToken('--domain example.com')
    const line = `token restrict ${id} --domain com --domain *.vercel.app --ip 10.0.0.1 --ip 8.8.8.8`
    const { code, err } = await place.run(words(line))
    expect(code).toBe(1)
    for (const text of [
      '"com" (domain_single_label): ',
      '"*.vercel.app" (domain_public_suffix): ',
      '"10.0.0.1" (ip_special): ',
    ]) {
      expect(err).toContain(text)
    }
    expect(await restrictionsOf(id)).toMatchObject({
      domains: { entries: [{ value: 'example.com' }] },
      ips: { enabled: false, entries: [] },
    })
  })

  test('a new token is shown once, alone on its line', async () => {
    const { code, out, err } = await place.run(
      words('token create --name shop --owner acme --domain-with-subdomains example.com'),
    )
    const secret = /^kf_[0-9A-Za-z]{40}$/m.exec(out)?.[0] ?? ''
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n').filter((line) => line === secret)).toHaveLength(1)
    expect(out).toContain('shown this once')
    const id = /tok_\S+/.exec(out)?.[0] ?? ''
    const shown = await place.run(['token', 'show', id])
    expect(shown.out).toContain('example.com and everything below it')
    expect(shown.out).not.toContain(secret)
  })

  test('create takes everything that a token has', async () => {
    const token = await newToken(
      '--domains-on --ip 8.8.8.8 --metadata plan=pro --metadata a=b=c --not-before 2026-01-01T00:00:00Z --expires-in 90d --report-only',
    )
    expect(token).toMatchObject({
      metadata: { plan: 'pro', a: 'b=c' },
      mode: 'report',
      notBefore: '2026-01-01T00:00:00.000Z',
      restrictions: { domains: { enabled: true, entries: [] }, ips: { enabled: true } },
    })
    const endsInDays = (Date.parse(String(token['expiresAt'])) - Date.now()) / 86_400_000
    expect(endsInDays).toBeGreaterThan(89)
    expect(endsInDays).toBeLessThanOrEqual(90)
  })

  test('a warning is told, and does not refuse', async () => {
    const line = 'token create --name dev --owner acme --domain localhost'
    const { code, err } = await place.run(words(line))
    expect(code).toBe(0)
    expect(err).toContain('warning: "localhost" (domain_localhost)')
  })

  test.each([
    {
      line: '--domain example.org --domain-with-subdomains example.net',
      domains: { enabled: true, entries: ['example.org', 'example.net'] },
      ips: { enabled: true, entries: ['8.8.8.8'] },
      because: 'entries replace those of their list; the other stays',
    },
    {
      line: '--ip 9.9.9.9',
      domains: { enabled: false, entries: ['example.com'] },
      ips: { enabled: true, entries: ['9.9.9.9'] },
      because: 'a list that is off and not named stays off, with its entries',
    },
    {
      line: '--domains on',
      domains: { enabled: true, entries: ['example.com'] },
      ips: { enabled: true, entries: ['8.8.8.8'] },
      because: 'a switch alone keeps the entries',
    },
    {
      line: '--ips off',
      domains: { enabled: false, entries: ['example.com'] },
      ips: { enabled: false, entries: ['8.8.8.8'] },
      because: 'off keeps the entries, too',
    },
    {
      line: '--ip 9.9.9.9 --ips off',
      domains: { enabled: false, entries: ['example.com'] },
      ips: { enabled: false, entries: ['9.9.9.9'] },
      because: 'a switch goes before what entries would do',
    },
    {
      line: '--clear-ips',
      domains: { enabled: false, entries: ['example.com'] },
      ips: { enabled: true, entries: [] },
      because: 'emptying leaves the switch',
    },
    {
      line: '--clear-domains --clear-ips --ips off',
      domains: { enabled: false, entries: [] },
      ips: { enabled: false, entries: [] },
      because: 'all gone',
    },
  ])('restrict $line: $because', async ({ line, domains, ips }) => {
    const { id } = await newToken('--domain example.com --ip 8.8.8.8')
    await place.json('token', 'restrict', id, '--domains', 'off')
    expect((await place.run(words(`token restrict ${id} ${line}`))).code).toBe(0)
    const saved = await restrictionsOf(id)
    expect(saved).toMatchObject({
      domains: { enabled: domains.enabled, entries: values(domains.entries) },
      ips: { enabled: ips.enabled, entries: values(ips.entries) },
    })
  })

  test('change changes what is named', async () => {
    const { id } = await newToken('--expires-in 1d --metadata plan=free')
    const changed = await place.json(
      'token',
      'change',
      id,
      '--name',
      'two words',
      '--mode',
      'report',
    )
    expect(changed).toMatchObject({ name: 'two words', mode: 'report', metadata: { plan: 'free' } })
    expect(changed['expiresAt']).not.toBeNull()
    const line = `token change ${id} --no-expiry --metadata a=b`
    expect(await place.json(...words(line))).toMatchObject({
      expiresAt: null,
      metadata: { a: 'b' },
    })
    const cleared = await place.json('token', 'change', id, '--clear-metadata')
    expect(cleared).toMatchObject({ metadata: {}, mode: 'report' })
  })

  test('rotate shows another secret, and when the old one ends', async () => {
    const { id, secret } = await newToken()
    const { code, out } = await place.run(['token', 'rotate', id, '--overlap', '15m'])
    expect(code).toBe(0)
    expect(out).toMatch(/^kf_[0-9A-Za-z]{40}$/m)
    expect(out).toMatch(/^Old secret ends .*\(in 15 minutes\)$/m)
    expect(out).not.toContain(secret)
  })

  test('each of several is told by itself, and one refusal is the exit code', async () => {
    const [one, two] = [await newToken(), await newToken()]
    const line = ['token', 'revoke', one.id, UNKNOWN, two.id]
    const { code, out, err } = await place.run(line)
    expect(code).toBe(1)
    expect(out).toBe(`${one.id} revoked\n${two.id} revoked\n`)
    expect(err).toContain(`${UNKNOWN}: not_found`)
    const again = await place.run(['token', 'enable', one.id])
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('final')
  })

  test('disable and enable', async () => {
    const { id } = await newToken()
    expect((await place.run(['token', 'disable', id])).out).toBe(`${id} disabled\n`)
    expect((await place.run(['token', 'show', id])).out).toMatch(/^State +disabled$/m)
    expect((await place.run(['token', 'enable', id])).out).toBe(`${id} enabled\n`)
    expect(await place.json('token', 'show', id)).toMatchObject({ status: 'active' })
  })

  test.each([
    { typed: 'no\n', code: 1, isThere: true },
    { typed: '\n', code: 1, isThere: true },
    { typed: '', code: 1, isThere: true },
    { typed: 'yes please\n', code: 1, isThere: true },
    { typed: 'y\n', code: 0, isThere: false },
  ])('delete asks on a terminal: $typed', async ({ typed, code, isThere }) => {
    const { id } = await newToken()
    const ran = await place.run(['token', 'delete', id], { typed })
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(`Delete ${id} for good? [y/N]`)
    expect((await place.run(['token', 'show', id])).code).toBe(isThere ? 0 : 1)
  })

  test('list follows pages up to its limit, and says that there are more', async () => {
    for (let at = 0; at < 3; at++) {
      await place.json('token', 'create', '--name', `many ${at}`, '--owner', 'many')
    }
    const two = await place.run(['token', 'list', '--owner', 'many', '--limit', '2'])
    expect(two.out.trimEnd().split('\n')).toHaveLength(3)
    expect(two.err).toContain('more than 2')
    const all = await place.run(['token', 'list', '--owner', 'many', '--limit', '3'])
    expect(all.out).toContain('many 2')
    expect(all.err).toBe('')
    expect(await place.json('token', 'list', '--name', 'MANY 1')).toMatchObject({
      items: [{ name: 'many 1' }],
      more: false,
    })
    expect((await place.run(['token', 'list', '--owner', 'nobody'])).out).toBe('None.\n')
  })

  test('a hostile name comes out inert', async () => {
    const name = 'a\u202eb\u200bc'
    const { id } = await place.json('token', 'create', '--name', name, '--owner', 'hostile')
    for (const line of [`show ${id}`, 'list --owner hostile', `show ${id} --json`]) {
      const { out } = await place.run(['token', ...words(line)])
      expect(out).toContain('202e')
      expect(out).not.toMatch(/[\u202e\u200b]/)
    }
  })
})

const NOTHING = async (): Promise<void> => {}

describe('two editors', () => {
  let place: Place
  let relay: Server
  let meanwhile: () => Promise<void> = NOTHING

  beforeAll(async () => {
    place = await openPlace('node')
    // Between reading and saving, somebody else saves.
    relay = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', async () => {
        const { host: _host, connection: _connection, ...headers } = incoming.headers
        const answer = await fetch(`${place.managementUrl}${incoming.url}`, {
          method: incoming.method ?? 'GET',
          headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
          ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
        })
        if (incoming.method === 'GET') await meanwhile()
        const etag = answer.headers.get('etag')
        outgoing.writeHead(answer.status, etag === null ? {} : { etag })
        outgoing.end(await answer.text())
      })
    })
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    relay.closeAllConnections()
    relay.close()
    await place.close()
  })

  const restrictElsewhere = (id: string, key = MANAGEMENT_KEY) => {
    const { port } = relay.address() as AddressInfo // it listens on TCP
    const url = `--management-url=http://127.0.0.1:${port}`
    const env = { KEYFENCE_MANAGEMENT_KEY: key }
    return run(['token', 'restrict', id, '--domain', 'example.org', url, '--json'], { env })
  }

  test('do not overwrite each other', async () => {
    const { id } = await place.json('token', 'create', '--name', 'x', '--owner', 'a')
    meanwhile = async () => {
      await place.json('token', 'restrict', id, '--ip', '8.8.8.8')
    }
    const ran = await restrictElsewhere(id)
    expect(ran.code).toBe(1)
    expect(parsed(ran.out)).toMatchObject({ code: 'precondition_failed' })
    meanwhile = NOTHING
    expect(await place.json('token', 'show', id)).toMatchObject({
      restrictions: { domains: { entries: [] }, ips: { entries: [{ value: '8.8.8.8' }] } },
    })
    expect((await restrictElsewhere(id)).code).toBe(0)
  })

  test('labels that somebody gave elsewhere stay', async () => {
    const { id } = await place.json('token', 'create', '--name', 'x', '--owner', 'a')
    const domains = {
      enabled: true,
      entries: [{ value: 'example.org', label: 'shop' }, { value: 'example.net' }],
    }
    await fetch(`${place.managementUrl}/v1/tokens/${id}/restrictions`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${MANAGEMENT_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ domains, ips: { enabled: false, entries: [] } }),
    })
    await place.json('token', 'restrict', id, '--domain', 'example.org')
    expect(await place.json('token', 'show', id)).toMatchObject({
      restrictions: { domains: { entries: [{ value: 'example.org', label: 'shop' }] } },
    })
  })

  test('a wrong key is refused, and not repeated', async () => {
    const key = 'wrong-key-0123456789-0123456789-0123'
    const { code, out, err } = await restrictElsewhere(
      'tok_019a2b3c-0000-7000-8000-000000000000',
      key,
    )
    expect(code).toBe(1)
    expect(err).toContain('unauthenticated')
    expect(out + err).not.toContain(key)
  })
})
