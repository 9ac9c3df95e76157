import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../src/config/read-config.ts'
import { systemClock } from '../src/fence/clock.ts'
import { nodeLog } from '../src/node/node-log.ts'
import { type RunningNode, startNode } from '../src/node/start-node.ts'
import { exchange } from '../src/proxy/proxy-fixture.ts'

const SECRET = 'check-node-tests-0123456789'

const folder = mkdtempSync(join(tmpdir(), 'keyfence-check-node-'))
let logged = ''
let node: RunningNode

beforeAll(async () => {
  const read = readConfig({
    flags: {
      data: [folder],
      listen: ['127.0.0.1:0'],
      'admin-listen': ['127.0.0.1:0'],
      'check-profile': ['plain'],
    },
    env: { KEYFENCE_CHECK_SECRET: SECRET },
    readFile: () => ({ ok: false, problem: 'none' }),
  })
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  node = await startNode({
    config: read.value.config,
    clock: systemClock,
    random: randomBytes,
    log: nodeLog('trace', { write: (line: string) => void (logged += line) }),
    version: 'test',
  })
})

afterAll(async () => {
  await node.close()
  rmSync(folder, { recursive: true, force: true })
})

function check(...fields: string[]) {
  const { port = 0 } = node.dataAddress ?? {}
  return exchange(port, ['GET /check HTTP/1.1', 'Host: a', 'X-API-Key: unknown', ...fields])
}

test('a node with a check profile answers checks on its data listener, to who has its secret', async () => {
  expect((await check()).status).toBe(403)
  expect((await check(`Keyfence-Check-Secret: ${SECRET}`)).status).toBe(401)
})

test('and tells its metrics, under the reasons, but nobody the secret', async () => {
  const metrics = await exchange(node.adminPort, ['GET /metrics HTTP/1.1', 'Host: localhost'])
  expect(metrics.body).toMatch(/reason="check_caller_not_trusted",source="unknown"\} 1\n/)
  expect(metrics.body).toMatch(/reason="token_unknown",source="unknown"\} 1\n/)
  expect(metrics.body + logged).not.toContain(SECRET)
})
