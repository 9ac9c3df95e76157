import { createInterface } from 'node:readline'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANAGEMENT_KEY, openPlace, type Place, run } from './cli-fixture.ts'
import { runCli } from './main.ts'

const UNKNOWN = 'req_AAAAAAAAAAAAAAAAAAAAAA'

let place: Place
let token: { readonly id: string; readonly secret: string }

beforeAll(async () => {
  place = await openPlace('node')
  token = await place.json('token', 'create', '--name=x', '--owner=acme', '--domain=shop.com')
})
afterAll(() => place.close())

/** A refused request; gives its request id. */
async function refused(fields: readonly (readonly [string, string])[] = []): Promise<string> {
  const answer = await fetch(`${place.managementUrl}/v1/decide`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${MANAGEMENT_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ token: token.secret, peer: '8.8.4.4', headers: fields }),
  })
  const { response } = (await answer.json()) as {
    response: { headers: [string, string][] }
  } // what the call documents
  return response.headers.find(([name]) => name === 'Keyfence-Request-Id')?.[1] ?? ''
}

/** A `tail` that runs; `ready` once it waits. */
function startTail(...argv: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const { promise: stopRequested, resolve: stop } = Promise.withResolvers<void>()
  const code = runCli(['tail', ...argv, `--data=${place.folder}`], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    readFile: () => ({ ok: false, problem: '' }),
    stopRequested,
  })
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const told = createInterface({ input: stderr })[Symbol.asyncIterator]()
  return {
    ready: told.next(),
    line: async (): Promise<string> => (await lines.next()).value ?? '',
    stop: () => {
      stop()
      return code
    },
    stdout,
    code,
  }
}

describe('why', () => {
  test.each<{ argv: string[]; gives: number; says: string; because: string }>([
    { argv: [], gives: 2, says: 'request-id', because: 'nothing is named' },
    { argv: ['kf_secret'], gives: 2, says: 'Keyfence-Request-Id', because: 'no request id' },
    { argv: [UNKNOWN], gives: 1, says: 'not_found', because: 'there is none' },
    { argv: [UNKNOWN, 'more'], gives: 2, says: 'too many', because: 'one at a time' },
  ])('$argv gives $gives: $because', async ({ argv, gives, says }) => {
    const { code, out, err } = await place.run(['why', ...argv])
    expect({ code, out }).toEqual({ code: gives, out: '' })
    expect(err).toContain(says)
    expect(err).not.toContain('kf_secret')
  })

  test('says reason, remedy and facts, right after the refusal', async () => {
    const { code, out } = await place.run(['why', await refused([['Origin', 'https://evil.com']])])
    expect(code).toBe(0)
    for (const says of [
      'Reason   domain_not_listed',
      'evil.com is not listed. Add it under Domains.',
      'a browser on evil.com',
      `${token.id} of acme`,
      '403, and no word why',
      'docs/codes/domain_not_listed.md',
    ]) {
      expect(out).toContain(says)
    }
  })

  test('with --json gives what the API gives', async () => {
    const answer = await place.json('why', await refused())
    expect(answer).toMatchObject({
      reason: 'server_not_allowed',
      address: '8.8.4.4',
      sentence: expect.stringContaining('server requests do not work'),
    })
  })

  test('a key that is bound to another owner is told of none', async () => {
    const key = await place.json('key', 'create', '--name=k', '--scope=read', '--owner=other')
    const env = {
      KEYFENCE_MANAGEMENT_URL: place.managementUrl ?? '',
      KEYFENCE_MANAGEMENT_KEY: key.secret,
    }
    const { code, err } = await run(['why', await refused()], { env })
    expect(code).toBe(1)
    expect(err).toContain('not_found')
  })
})

describe('tail', () => {
  test.each<{ argv: string[]; says: string; because: string }>([
    { argv: ['--token', 'kf_secret'], says: 'named by its id', because: 'no id' },
    { argv: ['--reason', 'unrestricted'], says: 'Allowed choices', because: 'no refusal' },
    { argv: ['--owner', 'a b'], says: 'invalid_request', because: 'no owner' },
    { argv: ['more'], says: 'too many', because: 'an argument too many' },
    {
      argv: ['--owner', 'acme', '--reason', 'token_unknown'],
      says: 'leave --token and --owner out',
      because: 'nothing would ever come',
    },
  ])('$argv is wrong use: $because', async ({ argv, says }) => {
    const { code, out, err } = await place.run(['tail', ...argv])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(says)
    expect(err).not.toContain('kf_secret')
  })

  test('says nothing of what was before, then a line for each refusal, until it is stopped', async () => {
    await refused([['Origin', 'https://before.com']])
    const tail = startTail()
    await tail.ready
    const ids = [await refused([['Origin', 'https://evil.com']]), await refused()]
    const lines = [await tail.line(), await tail.line()]
    expect(lines[0]).toMatch(
      new RegExp(`^\\S+ \\S+Z ${ids[0]} domain_not_listed +${token.id} evil.com `),
    )
    expect(lines[1]).toContain(`${ids[1]} server_not_allowed`)
    expect(lines[1]).toContain(' 8.8.4.4 ')
    expect(await tail.stop()).toBe(0)
  })

  test('of a token that is not there is refused, as nothing would ever come', async () => {
    const { code, out, err } = await place.run(['tail', '--token', token.id.replace(/.$/, 'x')])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('named by its id')
    const other = await place.run(['tail', '--token', 'tok_019a2b3c-0000-7000-8000-000000000000'])
    expect([other.code, other.out]).toEqual([1, ''])
    expect(other.err).toContain('not_found')
  })

  test('of an owner who has no token yet says so, and waits', async () => {
    const tail = startTail('--owner=nobody')
    expect((await tail.ready).value).toBe(
      'No token of nobody is there yet. Waiting for refusals; Ctrl-C ends it.',
    )
    expect(await tail.stop()).toBe(0)
  })

  test('passes over what was not asked for', async () => {
    const tail = startTail(`--token=${token.id}`, '--owner=acme', '--reason=domain_missing')
    await tail.ready
    await refused([['Origin', 'https://evil.com']])
    const id = await refused([['Sec-Fetch-Site', 'cross-site']])
    expect(await tail.line()).toContain(id)
    expect(await tail.stop()).toBe(0)
  })

  test('with --json gives an object a line', async () => {
    const tail = startTail('--json')
    await tail.ready
    const requestId = await refused()
    expect(JSON.parse(await tail.line())).toMatchObject({ requestId, owner: 'acme' })
    await tail.stop()
  })

  test('ends well when nobody reads any more', async () => {
    const tail = startTail()
    await tail.ready
    tail.stdout.destroy()
    await refused()
    expect(await tail.code).toBe(0)
  })
})
