/** Where only https pages may match, no page over http is offered to be listed: it would be refused. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, send } from '../running-keyfence.ts'
import { wrongWith } from './console-page.ts'
import { type RunningConsole, startConsole } from './running-console.ts'

const OVER_HTTP = 'Served over http: only https pages may match here.'

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole(['--https-origins-only'])
})

afterAll(() => running.close())

async function statusFrom(secret: string, origin: string): Promise<number> {
  const headers = { Authorization: `Bearer ${secret}`, Origin: origin }
  return (await send(running.keyfence().url, { headers })).status
}

test('a first call over http is not offered to lock to', async () => {
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/new`)
  await page.getByLabel('Name', { exact: true }).fill('Called over http')
  await page.getByLabel('Owner').fill('acme')
  await page.getByRole('button', { name: 'Create token' }).click()
  const secret = (await page.getByTestId('secret').textContent()) ?? ''
  expect(await statusFrom(secret, 'http://shop.example.com')).toBe(200)
  await page.getByText(OVER_HTTP).waitFor()
  expect(await page.getByRole('button', { name: 'Lock to this' }).count()).toBe(0)
  expect(await wrongWith(page)).toEqual([])
  await page.context().close()
})

test('neither what was seen nor a refusal is offered to be listed', async () => {
  const restrictions = {
    domains: { enabled: true, entries: ['example.com'] },
    ips: { enabled: false, entries: [] },
  }
  const draft = { name: 'Refused over http', owner: 'acme', restrictions }
  const { id, secret } = (await manage(running.keyfence(), 'POST /v1/tokens', draft)).body
  expect(await statusFrom(secret, 'http://shop.example.com')).toBe(403)
  expect(await statusFrom(secret, 'https://app.example.com')).toBe(403)
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/access`)
  await page.getByRole('button', { name: 'Add a domain seen (1)' }).click()
  await page.getByRole('button', { name: 'Add app.example.com' }).waitFor()
  await page.getByText(OVER_HTTP).waitFor()
  expect(await page.getByRole('button', { name: 'Add shop.example.com' }).count()).toBe(0)
  await page.getByRole('link', { name: 'Activity' }).click()
  await page.getByText(OVER_HTTP).waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'Allow this domain' }).count()).toBe(1)
  expect(await wrongWith(page)).toEqual([])
  await page.context().close()
})
