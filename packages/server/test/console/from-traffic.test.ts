/** What was seen of a token says what it may be locked to, and whether its lists would harm anybody. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, send } from '../running-keyfence.ts'
import { wrongWith } from './console-page.ts'
import { type RunningConsole, startConsole } from './running-console.ts'

const SHOP = 'https://shop.example.com'
const OTHER = 'https://other.example'
const SERVER = '52.1.2.3'

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole(['--trusted-proxies=127.0.0.1'])
})

afterAll(() => running.close())

async function statusFrom(secret: string, headers: Readonly<Record<string, string>>) {
  const all = { Authorization: `Bearer ${secret}`, 'X-Forwarded-For': SERVER, ...headers }
  return (await send(running.keyfence().url, { headers: all })).status
}

async function createUnrestricted(page: Page, name: string): Promise<string> {
  await page.goto(`${running.origin}/tokens/new`)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Owner').fill('acme')
  await page.getByRole('button', { name: 'Create token' }).click()
  return (await page.getByTestId('secret').textContent()) ?? ''
}

test.each([
  { from: 'a page', headers: { Origin: SHOP }, others: [{ Origin: OTHER }, {}] },
  { from: 'a server', headers: {}, others: [{ 'X-Forwarded-For': '8.8.8.8' }, { Origin: SHOP }] },
])('one click locks a new token to $from that called it', async ({ from, headers, others }) => {
  const { page, faults } = await running.open()
  const secret = await createUnrestricted(page, from)
  await page.getByText('Waiting for the first call…').waitFor()
  expect(await statusFrom(secret, headers)).toBe(200)
  await page.getByRole('button', { name: 'Lock to this' }).click()
  await page.getByText(/^Locked: /).waitFor()
  expect(await statusFrom(secret, headers)).toBe(200)
  for (const other of others) expect(await statusFrom(secret, other)).toBe(403)
  expect(await wrongWith(page)).toEqual([])
  expect(faults).toEqual([])
  await page.context().close()
})

/** Lists that are not enforced yet. @returns the id and the secret */
async function createReporting(): Promise<{ id: string; secret: string }> {
  const restrictions = {
    domains: { enabled: true, entries: ['shop.example.com'] },
    ips: { enabled: false, entries: [] },
  }
  const draft = { name: 'Watched', owner: 'acme', mode: 'report', restrictions }
  return (await manage(running.keyfence(), 'POST /v1/tokens', draft)).body
}

test('lists that would refuse nobody ask to be enforced, and then are', async () => {
  const { id, secret } = await createReporting()
  expect(await statusFrom(secret, { Origin: SHOP })).toBe(200)
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/access`)
  await page.getByText('1 day, nobody would have been refused: enforce?').waitFor()
  await page.getByRole('button', { name: 'Enforce', exact: true }).click()
  await page.getByText('The lists are enforced.').waitFor()
  expect(await statusFrom(secret, { Origin: OTHER })).toBe(403)
  expect(await statusFrom(secret, { Origin: SHOP })).toBe(200)
  await page.context().close()
})

test('lists that would refuse somebody say how many, and let them through', async () => {
  const { id, secret } = await createReporting()
  const origins = [SHOP, OTHER]
  for (const Origin of origins) expect(await statusFrom(secret, { Origin })).toBe(200)
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/access`)
  await page.getByText('In 1 day, 1 of 2 calls would have been refused.').waitFor()
  await page.getByRole('link', { name: 'Activity' }).click()
  await page.getByText('2 allowed, 1 of them let through in report mode', { exact: true }).waitFor()
  await page.getByRole('cell', { name: 'Let through: The domain is not listed' }).waitFor()
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByText(/\d allowed, 1 of them let through in report mode/).waitFor()
  await page.context().close()
})

test('what a change would have done is told of this change alone, or not known', async () => {
  const { id, secret } = await createReporting()
  expect(await statusFrom(secret, { Origin: SHOP })).toBe(200)
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/access`)
  const add = async (domain: string): Promise<void> => {
    await page.getByLabel('Add domains').fill(domain)
    await page.getByLabel('Add domains').press('Enter')
  }
  await add('one.example.org')
  await page.getByText(/^Would have refused none of 1 call/).waitFor()
  const held = Promise.withResolvers<undefined>()
  await page.route('**/restrictions/preview', async (route) => {
    await held.promise
    await route.fulfill({ status: 500 })
  })
  const asked = page.waitForRequest('**/restrictions/preview')
  await add('two.example.org')
  await asked
  await page.getByText('Looking at the calls that were seen…').waitFor()
  expect(await page.getByText(/^Would have refused/).count()).toBe(0)
  held.resolve(undefined)
  await page.getByText('What this would have refused is not known').waitFor()
  await page.context().close()
})

test('days are named as they are counted, by UTC, west of it too', async () => {
  const { id, secret } = await createReporting()
  expect(await statusFrom(secret, { Origin: SHOP })).toBe(200)
  const since = new Date(Date.now() - 30 * 86_400_000).toISOString()
  const { body } = await manage(
    running.keyfence(),
    `GET /v1/tokens/${id}/activity?since=${encodeURIComponent(since)}`,
  )
  const [first] = Reflect.get(body, 'series') as readonly { startsAt: string }[] // its shape
  const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const { page } = await running.open({ timezoneId: 'Pacific/Honolulu' })
  await page.goto(`${running.origin}/tokens/${id}/activity?days=30`)
  const counts = page.getByRole('table', { name: 'Calls over time' })
  await counts.getByRole('columnheader', { name: 'Day (UTC)' }).waitFor()
  const days = await counts.getByRole('rowheader').allTextContents()
  expect(days).toEqual([day.format(Date.parse(first?.startsAt ?? ''))])
  await page.context().close()
})
