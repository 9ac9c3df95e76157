/** The first lines of code of the pages about frameworks, run as they are printed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  KEY,
  page,
  type RunningFeed,
  saved,
  sends,
  startFeed,
} from '../../../guard/test/running-feed.ts'
import { exchange } from '../../src/proxy/proxy-fixture.ts'
import { freePort, untilListening } from './running-example.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** Serves what a page exports, as its platform would. */
const SERVES = (exported: string): string => `
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import * as page from './page.mjs'
const handle = ${exported}
createServer(getRequestListener((request) => handle(request, {}))).listen(3000, '127.0.0.1')
`

const PAGES = {
  node: undefined,
  express: undefined,
  fastify: undefined,
  hono: undefined,
  next: SERVES('(request, context) => page[request.method](request, context)'),
  fetch: SERVES('page.default.fetch'),
}

let folder: string
let feed: RunningFeed
let child: ChildProcess | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-framework-'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  feed = await startFeed()
  const domains = { enabled: true, entries: [{ value: 'shop.example', subdomains: false }] }
  feed.reply = sends(page({ changes: [saved(1, 'one', { domains })] }))
})
afterEach(async () => {
  child?.kill('SIGTERM')
  if (child?.exitCode === null) await once(child, 'exit')
})
afterAll(async () => {
  await feed.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startPage(name: keyof typeof PAGES): Promise<number> {
  const port = await freePort()
  const text = readFileSync(join(ROOT, `docs/${name}.md`), 'utf8')
  const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(text) ?? []
  const placed = (script: string): string =>
    script.replaceAll('3000', String(port)).replace('https://keyfence.internal:8081', feed.url)
  writeFileSync(join(folder, 'page.mjs'), placed(code))
  const serves = PAGES[name]
  const started = serves === undefined ? 'page.mjs' : 'serves.mjs'
  if (serves !== undefined) writeFileSync(join(folder, started), placed(serves))
  child = spawn(process.execPath, [join(folder, started)], {
    env: { ...process.env, KEYFENCE_KEY: KEY },
    stdio: 'ignore',
  })
  await untilListening(child, port)
  return port
}

const asks = (line: string, ...lines: string[]): string[] => [
  `${line} HTTP/1.1`,
  'Host: api.example',
  ...lines,
]
const TOKEN = 'Authorization: Bearer one'
const SHOP = 'Origin: https://shop.example'
const EVIL = 'Origin: https://evil.example'
const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: chat, keyfence.one',
]
const DENIED = '{"error":"Access denied. You don\'t have permission to access this."}'

describe.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('docs/%s.md', (name) => {
  test('guards an application that its first lines start', async () => {
    const port = await startPage(name)
    expect(await exchange(port, asks('GET /orders', TOKEN, SHOP))).toMatchObject({
      status: 200,
      body: 'alice',
    })
    expect(await exchange(port, asks('GET /orders', TOKEN, EVIL))).toMatchObject({
      status: 403,
      body: DENIED,
    })
    expect(await exchange(port, asks('GET /orders', SHOP))).toMatchObject({ status: 401 })
    const preflight = asks('OPTIONS /orders', SHOP, 'Access-Control-Request-Method: GET')
    expect(await exchange(port, preflight)).toMatchObject({ status: 204 })
  })
})

test('docs/node.md guards handshakes of WebSockets, with the token that a page offers', async () => {
  const port = await startPage('node')
  const refused = await exchange(port, asks('GET /live', EVIL, ...HANDSHAKE))
  expect(refused).toMatchObject({ status: 403, body: DENIED })
  expect(await exchange(port, asks('GET /live', SHOP, ...HANDSHAKE))).toMatchObject({ status: 501 })
})
