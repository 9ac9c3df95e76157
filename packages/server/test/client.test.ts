/** `keyfence/client` and the example that uses it, against a real node. */
import { createClient, type KeyfenceClient, ManagementProblem } from 'keyfence/client'
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANAGEMENT_KEY, type RunningKeyfence, startKeyfence } from './running-keyfence.ts'

const EXAMPLE = join(import.meta.dirname, '../../../examples/client/lock-token.ts')

let keyfence: RunningKeyfence
let client: KeyfenceClient

beforeAll(async () => {
  keyfence = await startKeyfence({})
  client = createClient({ url: keyfence.managementUrl, key: MANAGEMENT_KEY })
})
afterAll(() => keyfence.close())

/** What a call was refused with. */
async function problemOf(asked: Promise<unknown>): Promise<ManagementProblem> {
  const problem = await asked.then(() => undefined).catch((error: unknown) => error)
  if (problem instanceof ManagementProblem) return problem
  throw new Error('it was not refused', { cause: problem })
}

test('creates a token, reads it with its version, finds it in the list, and revokes it', async () => {
  const { data: created } = await client.POST('/v1/tokens', { body: { name: 'x', owner: 'bob' } })
  const params = { path: { id: created?.id ?? '' } }
  const { data: read, response } = await client.GET('/v1/tokens/{id}', { params })
  expect([read?.name, response.headers.get('ETag')]).toEqual(['x', '"1"'])
  const query = { owner: 'bob', status: 'active' } as const
  expect((await client.GET('/v1/tokens', { params: { query } })).data?.items).toHaveLength(1)
  await client.POST('/v1/tokens/{id}/revoke', { params })
  expect((await client.GET('/v1/tokens', { params: { query } })).data?.items).toEqual([])
})

describe('what is refused is thrown, with a code and what to do', () => {
  test('every bad entry by its path', async () => {
    const lists = {
      domains: { enabled: true, entries: ['com'] },
      ips: { enabled: true, entries: ['8.8.8.8', '10.0.0.1'] },
    }
    const body = { name: 'x', owner: 'bob', restrictions: lists }
    const problem = await problemOf(client.POST('/v1/tokens', { body }))
    expect([problem.status, problem.code]).toEqual([422, 'entries_refused'])
    expect(problem.problems.map(({ path, code }) => [path, code])).toEqual([
      ['/domains/entries/0', 'domain_single_label'],
      ['/ips/entries/1', 'ip_special'],
    ])
  })

  test('a key that is none, which is named nowhere', async () => {
    const key = `kfm_${'x'.repeat(40)}`
    const stranger = createClient({ url: keyfence.managementUrl, key })
    const problem = await problemOf(stranger.GET('/v1/tokens'))
    expect([problem.status, problem.code]).toEqual([401, 'unauthenticated'])
    expect(JSON.stringify(problem) + problem.message + problem.stack).not.toContain(key)
  })

  test.each([
    { body: '<h1>Bad gateway</h1>', because: 'a page' },
    { body: '"no"', because: 'JSON that is no problem' },
    { body: '{"code":5,"detail":[]}', because: 'members of another kind' },
  ])('an answer of something else: $because', async ({ body }) => {
    const gateway = createServer((_, response) => response.writeHead(502).end(body))
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    const { port } = gateway.address() as AddressInfo // it listens on TCP
    const there = createClient({ url: `http://127.0.0.1:${port}`, key: MANAGEMENT_KEY })
    const problem = await problemOf(there.GET('/v1/tokens'))
    gateway.closeAllConnections()
    gateway.close()
    expect([problem.status, problem.code]).toEqual([502, 'unknown'])
    expect(problem.message).toContain('502')
  })
})

describe('the example', () => {
  const run = (parameters: readonly string[]) =>
    spawnSync(process.execPath, [EXAMPLE, ...parameters], {
      env: { KEYFENCE_URL: keyfence.managementUrl, KEYFENCE_KEY: MANAGEMENT_KEY },
      encoding: 'utf8',
    })

  test('locks a token, and run again makes no second one', async () => {
    const first = run(['carol'])
    expect(first.stdout).toMatch(
      /^kf_[0-9A-Za-z]{40}\nA page of evil\.example: deny, domain_not_listed\n$/,
    )
    expect(run(['carol']).stdout).toContain('was issued before')
    const listed = await client.GET('/v1/tokens', { params: { query: { owner: 'carol' } } })
    expect(listed.data?.items).toHaveLength(1)
  })

  test('says which entry is refused, and why', () => {
    const refused = run(['dave', 'vercel.app'])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('entries_refused')
    expect(refused.stderr).toContain('/domains/entries/0: ')
  })
})
