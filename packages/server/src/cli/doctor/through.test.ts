import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeConfig } from '../../../test/node-config.ts'
import { systemClock } from '../../fence/clock.ts'
import { type RunningNode, startNode } from '../../node/start-node.ts'
import { listen, startUpstream, type Upstream } from '../../proxy/proxy-fixture.ts'
import { parsed, run } from '../cli-fixture.ts'
import type { Finding } from './finding.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyfence-doctor-'))
let api: Upstream
let node: RunningNode

beforeAll(async () => {
  api = await startUpstream()
  node = await startNodeIn(folder)
})
afterAll(async () => {
  await node.close()
  await api[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function startNodeIn(
  data: string,
  flags: Readonly<Record<string, string>> = {},
): Promise<RunningNode> {
  const proxy = { upstream: `http://127.0.0.1:${api.port}`, 'trusted-proxies': '127.0.0.1' }
  return startNodeWith(data, { ...proxy, ...flags })
}

function startNodeWith(
  data: string,
  flags: Readonly<Record<string, string>>,
): Promise<RunningNode> {
  return startNode({
    config: nodeConfig(data, flags),
    clock: systemClock,
    random: randomBytes,
    log: pino({ level: 'silent' }),
    version: 'test',
  })
}

/** How a proxy before Keyfence goes wrong, if it does. */
interface Behaviour {
  /** What becomes of the caller's fields. */
  readonly fields?: (fields: Record<string, string>) => void
  /** What it answers by itself, without Keyfence. */
  readonly own?: (incoming: IncomingMessage) => number | undefined
  /** What becomes of the target. */
  readonly target?: (target: string) => string
  /** What becomes of every body. */
  readonly answer?: string
}

const writesAddress = (fields: Record<string, string>): void => {
  fields['x-forwarded-for'] = '203.0.113.9'
}

async function startProxyWith({ fields, own, target, answer }: Behaviour, behind = node) {
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const status = own?.(incoming)
    if (status !== undefined) {
      outgoing.writeHead(status).end('its own page')
      return
    }
    const headers = { ...incoming.headers } as Record<string, string> // none of them is a list
    ;(fields ?? writesAddress)(headers)
    for (const [name, value] of Object.entries(headers))
      if (value === undefined) delete headers[name]
    const { method, url: asked = '' } = incoming
    const path = target?.(asked) ?? asked
    const { port } = behind.dataAddress ?? {}
    request({ port, method, path, headers, agent: false }, (refused) => {
      const { statusCode = 0, headers: answered } = refused
      if (answer !== undefined) delete answered['content-length']
      outgoing.writeHead(statusCode, answered)
      if (answer === undefined) refused.pipe(outgoing)
      else outgoing.end(answer)
    }).end()
  }
  const server = createServer(forward)
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

async function through(
  url: string,
  { data = folder }: { data?: string } = {},
): Promise<{ code: number; problems: string[]; out: string }> {
  const { code, out } = await run(['doctor', '--json', '--through', url, `--data=${data}`])
  const found = parsed(out)['findings'] as readonly Finding[]
  // A machine that runs all tests at once was late just then: it is not what is asked.
  if (found.some(({ message }) => message.includes('too busy'))) return through(url, { data })
  for (const { level, remedy } of found) if (level === 'problem') expect(remedy).toMatch(/\w/)
  return {
    code,
    out,
    problems: found.filter(({ level }) => level === 'problem').map((f) => f.about),
  }
}

/** A proxy that does as it should, but for the fields that it drops. */
const without =
  (...names: readonly string[]) =>
  (fields: Record<string, string>): void => {
    writesAddress(fields)
    for (const name of names) delete fields[name]
  }

describe('doctor --through', () => {
  test('finds nothing wrong with a proxy that does as it should', async () => {
    await using proxy = await startProxyWith({})
    const { code, problems, out } = await through(proxy.url)
    expect({ code, problems }).toEqual({ code: 0, problems: [] })
    expect(out).toContain('You are seen at 203.0.113.9.')
    expect(out).toContain('A token that a page offers as a subprotocol arrives.')
    expect(out).not.toContain('kf_')
    expect(api.seen).toEqual([])
  })

  test.each<{ behaviour: Behaviour; problems: string[]; because: string }>([
    {
      behaviour: { fields: () => {} },
      problems: ['address'],
      because: 'passes a forged X-Forwarded-For on',
    },
    {
      behaviour: { fields: (fields) => void (fields['x-forwarded-for'] = 'unknown') },
      problems: ['address'],
      because: 'writes no address',
    },
    {
      behaviour: { fields: without('origin') },
      problems: ['Origin', 'refusal', 'missing token', 'preflight'],
      because: 'drops Origin',
    },
    { behaviour: { fields: without('referer') }, problems: ['Referer'], because: 'drops Referer' },
    {
      behaviour: { fields: without('sec-fetch-site') },
      problems: ['Sec-Fetch-Site'],
      because: 'drops Sec-Fetch-Site',
    },
    {
      behaviour: { fields: without('authorization') },
      problems: ['token'],
      because: 'drops one of the fields of a token',
    },
    {
      behaviour: { fields: without('authorization', 'x-api-key') },
      problems: ['through'],
      because: 'drops the token',
    },
    {
      behaviour: {
        fields: (fields) => {
          writesAddress(fields)
          fields['origin'] = 'https://proxy.example'
        },
      },
      problems: ['address', 'Origin', 'Referer', 'Sec-Fetch-Site', 'refusal', 'missing token'],
      because: 'adds an Origin of its own',
    },
    { behaviour: { own: () => 200 }, problems: ['through'], because: 'never asks' },
    { behaviour: { own: () => 503 }, problems: ['through'], because: 'cannot ask' },
    {
      behaviour: { answer: '<html>403</html>' },
      problems: ['refusal', 'missing token'],
      because: 'puts a page of its own in place of a refusal',
    },
    {
      behaviour: { own: ({ method }) => (method === 'OPTIONS' ? 401 : undefined) },
      problems: ['preflight'],
      because: 'refuses preflights',
    },
  ])('finds a proxy that $because', async ({ behaviour, problems }) => {
    await using proxy = await startProxyWith(behaviour)
    const found = await through(proxy.url)
    expect(found.problems).toEqual(problems)
    expect(found.code).toBe(1)
    expect(found.out).not.toContain('kf_')
  })

  test('leaves no token behind', async () => {
    await using proxy = await startProxyWith({ own: () => 500 })
    await through(proxy.url)
    const { out } = await run(['token', 'list', '--json', `--data=${folder}`])
    expect(parsed(out).items).toEqual([])
  })

  test('tells when nobody answers there', async () => {
    const proxy = await startProxyWith({})
    await proxy[Symbol.asyncDispose]()
    expect((await through(proxy.url)).problems).toEqual(['through'])
  })

  test('needs a node that runs', async () => {
    const argv = ['doctor', '--json', '--through', 'http://127.0.0.1:1', `--data=${folder}/none`]
    const { code, out } = await run(argv)
    expect(code).toBe(1)
    expect(out).toContain('No node runs here that could tell what arrived.')
  })

  test.each(['api.example', 'ftp://api.example', ''])('%j is no URL', async (url) => {
    const { code, err } = await run(['doctor', '--through', url, `--data=${folder}`])
    expect(code).toBe(2)
    expect(err).toContain('--through takes the URL that callers use')
  })
})

describe('doctor --through, where the provider has chosen how a token is sent', () => {
  const data = mkdtempSync(join(tmpdir(), 'keyfence-doctor-'))
  let other: RunningNode

  beforeAll(async () => {
    other = await startNodeIn(data, { 'token-fields': 'X-Shop-Key', 'token-query': 'shop-key' })
  })
  afterAll(async () => {
    await other.close()
    rmSync(data, { recursive: true, force: true })
  })

  const withoutQuery = (target: string): string => target.replace(/\?.*/, '')

  test.each<{ behaviour: Behaviour; url?: string; problems: string[]; because: string }>([
    { behaviour: {}, problems: [], because: 'both ways arrive' },
    { behaviour: {}, url: '/v2?a=b', problems: [], because: 'beside parameters of the URL' },
    {
      behaviour: { fields: without('x-shop-key') },
      problems: ['token'],
      because: 'the parameter alone carries the rest',
    },
    { behaviour: { target: withoutQuery }, problems: ['token'], because: 'the field alone does' },
    {
      behaviour: { fields: without('x-shop-key'), target: withoutQuery },
      problems: ['through'],
      because: 'neither arrives',
    },
  ])('$because: $problems', async ({ behaviour, url = '', problems }) => {
    await using proxy = await startProxyWith(behaviour, other)
    const found = await through(`${proxy.url}${url}`, { data })
    expect(found.problems).toEqual(problems)
    expect(found.out).not.toContain('kf_')
    expect(api.seen).toEqual([])
  })

  test('and nothing arrives, it says where it looked', async () => {
    await using proxy = await startProxyWith({ own: () => 401 }, other)
    const { problems, out } = await through(proxy.url, { data })
    expect(problems).toEqual(['through'])
    expect(out).toContain('Tried: the field x-shop-key, the parameter shop-key.')
  })
})

describe('doctor --through a proxy that asks', () => {
  const data = mkdtempSync(join(tmpdir(), 'keyfence-doctor-'))
  let asked: RunningNode

  beforeAll(async () => {
    asked = await startNodeWith(data, {
      'check-profile': 'envoy',
      'forwards-browser-fields': 'true',
      'trusted-proxies': '127.0.0.1',
    })
  })
  afterAll(async () => {
    await asked.close()
    rmSync(data, { recursive: true, force: true })
  })

  const target = (path: string): string => `/check${path}`

  test.each<{ behaviour: Behaviour; problems: string[]; line: string }>([
    {
      behaviour: { fields: without('referer') },
      problems: ['Referer'],
      line: 'In allowed_headers of ext_authz: `- { exact: referer, ignore_case: true }`.',
    },
    {
      behaviour: { fields: without('x-api-key') },
      problems: ['token'],
      line: 'In allowed_headers of ext_authz: `- { exact: x-api-key, ignore_case: true }`.',
    },
    {
      behaviour: { fields: () => {} },
      problems: ['address'],
      line: 'In the connection manager: `use_remote_address: true`',
    },
    {
      behaviour: { fields: without('access-control-request-method') },
      problems: ['preflight'],
      line: '`- { exact: access-control-request-method, ignore_case: true }`',
    },
  ])('says the line for its configuration: $line', async ({ behaviour, problems, line }) => {
    await using proxy = await startProxyWith({ target, ...behaviour }, asked)
    const found = await through(proxy.url, { data })
    expect(found.problems).toEqual(problems)
    expect(found.out).toContain(line)
  })

  test('finds nothing wrong where all of it arrives', async () => {
    await using proxy = await startProxyWith({ target }, asked)
    expect((await through(proxy.url, { data })).problems).toEqual([])
  })
})
