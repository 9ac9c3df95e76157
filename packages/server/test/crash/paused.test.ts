/** Fault F27 of docs/reliability.md: a node stands still, as a frozen machine does, and goes on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'

/** The least that may be set. */
const MAX_STALENESS_MS = 5000

let folder: string
let paused: RunningKeyfence
let other: RunningKeyfence

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-paused-'))
  paused = await startKeyfence({ folder, flags: [`--max-staleness-ms=${MAX_STALENESS_MS}`] })
  other = await startKeyfence({ folder })
})

afterAll(async () => {
  await Promise.all([paused.close(), other.close()])
  rmSync(folder, { recursive: true, force: true })
})

test('what was revoked meanwhile is not let through by the first answer after it, nor later', async () => {
  const { id, secret } = (await manage(paused, 'POST /v1/tokens', { name: 'a', owner: 'b' })).body
  const lasting = (await manage(paused, 'POST /v1/tokens', { name: 'c', owner: 'b' })).body
  const ask = async (token: string) =>
    (await send(paused.url, { headers: { 'x-api-key': token } })).status
  expect(await ask(secret)).toBe(200)
  paused.process.kill('SIGSTOP')
  expect((await manage(other, `POST /v1/tokens/${id}/revoke`)).status).toBe(200)
  // They wait in the socket and are the first that it sees.
  const waiting = Array.from({ length: 5 }, () => ask(secret))
  // Waiting is the fault itself: shorter than this, an answer from the copy is what was promised.
  await delay(MAX_STALENESS_MS + 500)
  paused.process.kill('SIGCONT')
  for (const status of await Promise.all(waiting)) expect([401, 503]).toContain(status)
  await expect.poll(() => ask(lasting.secret), { timeout: 10_000 }).toBe(200)
  expect(await ask(secret)).toBe(401)
}, 60_000)
