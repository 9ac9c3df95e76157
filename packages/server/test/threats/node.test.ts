/** Rows T31–T33 of docs/threats.md: what happens when parts of a node fail, stop or come back. */
import { UNRESTRICTED } from '@keyfence/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ProxyContext, type ProxySettings } from '../../src/proxy/proxy-settings.ts'
import { type RunningProxy, startProxy } from '../../src/proxy/proxy.ts'
import { compileRestrictions } from '@keyfence/core'
import { getRequest, sendRaw } from '../raw-request.ts'
import { manage, startKeyfence } from '../running-keyfence.ts'

test('T31 T32 a revocation holds after SIGKILL, and for a second node on the same store', async () => {
  const first = await startKeyfence({})
  const second = await startKeyfence({ folder: first.folder, flags: ['--poll-interval-ms=100'] })
  const { id, secret } = (await manage(first, 'POST /v1/tokens', { name: 'a', owner: 'b' })).body
  const ask = async (url: string) =>
    (await sendRaw(url, getRequest([`X-API-Key: ${secret}`]))).status
  await expect.poll(() => ask(second.url)).toBe(200)
  await manage(first, `POST /v1/tokens/${id}/revoke`)
  expect(await ask(first.url)).toBe(401)
  await expect.poll(() => ask(second.url)).toBe(401)
  await first.stop('SIGKILL')
  await second.stop('SIGKILL')
  const third = await startKeyfence({ folder: first.folder })
  expect(await ask(third.url)).toBe(401)
  for (const node of [third, second, first]) await node.close()
})

describe('T33 whatever throws on the path of a decision, the answer is no allow and the process lives', () => {
  let api: Server
  let reached = 0

  beforeAll(async () => {
    api = createServer((_, response) => {
      reached++
      response.end('reached')
    })
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  })

  afterAll(() => {
    api.closeAllConnections()
    api.close()
  })

  function contextOf(broken: Partial<ProxyContext>): ProxyContext {
    const { port } = api.address() as AddressInfo // it listens on TCP
    const restrictions = compileRestrictions(UNRESTRICTED)
    if (restrictions === undefined) throw new Error('no restrictions')
    const life = { status: 'active', notBefore: undefined, expiresAt: undefined } as const
    const policy = {
      tokenId: 'tok_1',
      owner: 'a',
      metadata: {},
      life,
      mode: 'enforce',
      restrictions,
    } as const
    return {
      settings: settingsFor(port),
      lookUp: () => ({ state: 'known', policy, secretEndsAt: undefined }),
      now: () => 0,
      requestId: () => 'req_1',
      observe: () => {},
      sheds: () => false,
      log: { warn: () => {}, error: () => {} },
      ...broken,
    }
  }

  const fail = (): never => {
    throw new Error('broken')
  }

  test.each<{ broken: Partial<ProxyContext>; fields: string[]; status: number; because: string }>([
    { broken: { lookUp: fail }, fields: ['X-API-Key: a'], status: 503, because: 'the look-up' },
    { broken: { now: fail }, fields: ['X-API-Key: a'], status: 503, because: 'the clock' },
    { broken: { sheds: fail }, fields: ['X-API-Key: a'], status: 503, because: 'how busy it is' },
    {
      broken: { requestId: fail },
      fields: [],
      status: 503,
      because: 'the request id of a refusal',
    },
    {
      broken: { observe: fail },
      fields: [],
      status: 401,
      because: 'the observer of a refusal: it is still one',
    },
    {
      broken: { observe: fail, log: { warn: fail, error: () => {} } },
      fields: [],
      status: 401,
      because: 'the observer and the log',
    },
  ])('$because: $status', async ({ broken, fields, status }) => {
    const proxy: RunningProxy = await startProxy(contextOf(broken), { host: '127.0.0.1', port: 0 })
    const before = reached
    const url = `http://127.0.0.1:${proxy.address.port}`
    expect((await sendRaw(url, getRequest(fields))).status).toBe(status)
    expect((await sendRaw(url, getRequest(fields))).status).toBe(status)
    expect(reached).toBe(before)
    await proxy.close({ drainMs: 0 })
  })
})

function settingsFor(upstreamPort: number): ProxySettings {
  return {
    upstream: new URL(`http://127.0.0.1:${upstreamPort}`),
    upstreamHost: undefined,
    openPaths: new Set(),
    forwardToken: false,
    forwardMetadata: false,
    sharedCaching: false,
    cors: {
      preflights: 'answer',
      origins: 'echo',
      methods: 'echo',
      headers: 'echo',
      maxAgeS: 600,
      credentials: false,
    },
    judge: {
      tokenFields: [{ name: 'x-api-key', scheme: undefined }],
      tokenQuery: undefined,
      tokenPrefix: 'kf_',
      trustedProxies: [],
      barePeer: 'is_client',
      httpsOriginsOnly: false,
    },
    timeouts: {
      headersMs: 5000,
      requestMs: 0,
      keepAliveMs: 5000,
      callerStalledMs: 0,
      upstreamConnectMs: 1000,
      upstreamResponseMs: 1000,
      upstreamIdleMs: 0,
    },
    limits: {
      connectionsMax: 100,
      headerBytesMax: 8192,
      headerFieldsMax: 100,
      upstreamConnectionsMax: 10,
    },
  }
}
