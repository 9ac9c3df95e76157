import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlace, parsed, type Place, run } from './cli-fixture.ts'

let node: Place
let stopped: Place
const other = createServer((_incoming, outgoing) => outgoing.end('hello'))
let otherUrl: string

beforeAll(async () => {
  node = await openPlace('node')
  stopped = await openPlace('store')
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}` // it listens on TCP
})
afterAll(async () => {
  await node.close()
  await stopped.close()
  other.close()
})

test.each<{
  argv: () => string[]
  env?: () => Record<string, string>
  code: number
  because: string
}>([
  {
    argv: () => ['--data', stopped.folder],
    env: () => ({ KEYFENCE_ADMIN_LISTEN: '127.0.0.1:1' }),
    code: 1,
    because: 'no node runs there',
  },
  { argv: () => ['--url', 'http://127.0.0.1:1'], code: 1, because: 'nobody answers' },
  { argv: () => ['--url', otherUrl], code: 1, because: 'another program answers' },
  { argv: () => ['--url', 'localhost'], code: 2, because: 'no URL' },
  { argv: () => ['--url', `${otherUrl}/readyz`], code: 2, because: 'more than a listener' },
  { argv: () => ['--data', node.folder], code: 0, because: 'through the socket' },
  { argv: () => ['--url', node.managementUrl ?? ''], code: 0, because: 'at its address' },
  {
    argv: () => [],
    env: () => ({ KEYFENCE_MANAGEMENT_URL: node.managementUrl ?? '' }),
    code: 0,
    because: 'by the settings, without a key',
  },
  {
    argv: () => ['--data', stopped.folder],
    env: () => ({ KEYFENCE_ADMIN_LISTEN: new URL(node.managementUrl ?? '').host }),
    code: 0,
    because: 'where it listens, where there is no socket',
  },
])('$code: $because', async ({ argv, env, code }) => {
  const ask = () => run(['healthcheck', ...argv()], { env: env?.() ?? {} })
  // On a busy machine a turn may be late, and the node is ready again a second later.
  const isLate = ({ out }: { readonly out: string }) => out.includes('too busy')
  let ran = await ask()
  while (isLate(ran)) ran = await ask()
  expect(ran.code).toBe(code)
  expect(ran.out).toMatch(code === 0 ? /^ready\n$/ : code === 1 ? /^not ready: / : /^$/)
})

test('a socket that nobody answers on is not ready, whoever else is', async () => {
  const place = await openPlace('node')
  await place.close()
  const left = createServer()
  const folder = stopped.folder
  const socket = join(folder, 'management.sock')
  await new Promise<void>((resolve) => left.listen(socket, resolve))
  left.removeAllListeners('request').on('request', (incoming) => incoming.destroy())
  const env = { KEYFENCE_ADMIN_LISTEN: new URL(node.managementUrl ?? '').host }
  const { code, out } = await run(['healthcheck', '--data', folder, '--json'], { env })
  await new Promise((resolve) => left.close(resolve))
  rmSync(socket, { force: true })
  expect({ code, said: parsed(out) }).toEqual({
    code: 1,
    said: { status: 'not_ready', reason: 'no_answer' },
  })
})
