/** One token with both lists becomes two, each with a list of its own. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, send } from '../running-keyfence.ts'
import { openPage, wrongWith } from './console-page.ts'
import { issueToken, type RunningConsole, startConsole } from './running-console.ts'

const SERVER = '52.1.2.3'
const PAGE = 'https://shop.example.com'

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole(['--trusted-proxies=127.0.0.1', '--portal-listen=127.0.0.1:0'])
})

afterAll(() => running.close())

async function at(id: string): Promise<Page> {
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/access`)
  await page.getByLabel('Add domains').waitFor()
  return page
}

const offer = (page: Page) => page.getByRole('button', { name: 'Split into two tokens…' })

/** Takes the offer. @returns the secret of the new token */
async function split(page: Page): Promise<string> {
  await offer(page).click()
  await page.getByRole('button', { name: 'Split', exact: true }).click()
  await page.getByRole('dialog', { name: 'Two tokens' }).waitFor()
  expect(await wrongWith(page)).toEqual([])
  const secret = (await page.getByTestId('secret').textContent()) ?? ''
  await page.getByRole('button', { name: 'Close without copying' }).click()
  return secret
}

async function statuses(secret: string): Promise<{ page: number; server: number }> {
  const status = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const all = { Authorization: `Bearer ${secret}`, ...headers }
    return (await send(running.keyfence().url, { headers: all })).status
  }
  return {
    page: await status({ Origin: PAGE, 'X-Forwarded-For': '8.8.8.8' }),
    server: await status({ 'X-Forwarded-For': SERVER }),
  }
}

async function createToken(
  restrictions: object,
  life: object = {},
): Promise<{ id: string; secret: string }> {
  const draft = { name: 'Begun', owner: 'acme', restrictions, ...life }
  return (await manage(running.keyfence(), 'POST /v1/tokens', draft)).body
}

const OFF = { enabled: false, entries: [] }
const PAGES = { domains: { enabled: true, entries: ['shop.example.com'] }, ips: OFF }
const SERVERS = { domains: OFF, ips: { enabled: true, entries: [SERVER] } }

test('is not offered while one list is on; cancelled, it leaves all that was typed', async () => {
  const { id } = await createToken(PAGES)
  const page = await at(id)
  expect(await offer(page).count()).toBe(0)
  await page.getByRole('switch', { name: /server requests/ }).check()
  await page.getByLabel('Add addresses').fill(SERVER)
  await page.getByLabel('Add addresses').press('Enter')
  await page.getByLabel('Add domains').fill('typed.example.org')
  await offer(page).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: `Remove ${SERVER}` }).waitFor()
  expect(await page.getByLabel('Add domains').inputValue()).toBe('typed.example.org')
  const listed = await manage(running.keyfence(), 'GET /v1/tokens?name=Begun')
  expect(Reflect.get(listed.body, 'items')).toHaveLength(1)
  await page.context().close()
})

test.each([
  { first: PAGES, other: /server requests/, box: 'Add addresses', typed: SERVER, gets: 'server' },
  { first: SERVERS, other: /browser requests/, box: 'Add domains', typed: PAGE, gets: 'page' },
])('when $box is switched on second, it is the new token’s, and the first stays', async (row) => {
  const { id, secret } = await createToken(row.first)
  const before = await statuses(secret)
  const page = await at(id)
  await page.getByRole('switch', { name: row.other }).check()
  await page.getByLabel(row.box).fill(row.typed)
  await page.getByLabel(row.box).press('Enter')
  const second = await split(page)
  const [open, shut] = row.gets === 'page' ? ['page', 'server'] : ['server', 'page']
  expect(await statuses(second)).toEqual({ [open ?? '']: 200, [shut ?? '']: 403 })
  expect(await statuses(secret)).toEqual(before)
  // The first is as it was saved: there is nothing left to save.
  expect(await page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0)
  await page.context().close()
})

test('of a token that has both, the first goes on for its servers until it is saved', async () => {
  const { id, secret } = await issueToken(running.keyfence(), 'Shared')
  const page = await at(id)
  const second = await split(page)
  expect(await statuses(second)).toEqual({ page: 403, server: 200 })
  expect(await statuses(secret)).toEqual({ page: 200, server: 200 })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved. The next request').waitFor()
  expect(await statuses(secret)).toEqual({ page: 200, server: 403 })
  await page.context().close()
})

const BOTH = { domains: PAGES.domains, ips: SERVERS.ips }
const DAY_MS = 86_400_000
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString()
const LIFE = { notBefore: inDays(1), expiresAt: inDays(9), metadata: { plan: 'pro' } }

test('the new token begins, ends and is described as the first', async () => {
  const { id } = await createToken(BOTH, { name: 'Described', ...LIFE })
  const page = await at(id)
  await split(page)
  const made = await manage(running.keyfence(), 'GET /v1/tokens?name=Described,')
  expect(Reflect.get(made.body, 'items')).toMatchObject([LIFE])
  await page.context().close()
})

test.each([
  { is: 'disabled', life: {}, says: 'Enable it first to split it into two tokens.' },
  {
    is: 'expired',
    life: { expiresAt: inDays(-1) },
    says: 'Give it a later expiry first to split it into two tokens.',
  },
])('a token that is $is is not split into one that works', async ({ is, life, says }) => {
  const { id } = await createToken(BOTH, life)
  if (is === 'disabled') await manage(running.keyfence(), `POST /v1/tokens/${id}/disable`)
  const page = await at(id)
  await page.getByText(says).waitFor()
  expect(await offer(page).count()).toBe(0)
  await page.context().close()
})

test.each([
  { capabilities: ['restrict', 'create'], offers: 1 },
  { capabilities: ['restrict'], offers: 0 },
  { capabilities: ['create'], offers: 0 },
])('an owner who may $capabilities gets $offers offer', async ({ capabilities, offers }) => {
  const { id } = await createToken(BOTH, { name: 'Owned', metadata: LIFE.metadata })
  const body = { owner: 'acme', capabilities }
  const made = await manage(running.keyfence(), 'POST /v1/portal-sessions', body)
  const link = made.body.link
  const { origin } = new URL(link)
  const { page } = await openPage(running.browser, origin)
  await page.goto(link)
  await page.waitForURL('**/tokens')
  await page.goto(`${origin}/tokens/${id}/access`)
  await page.getByText('As weak as pages').waitFor()
  expect(await offer(page).count()).toBe(offers)
  if (offers > 0) {
    await offer(page).click()
    await page.getByText('Its metadata is not taken over').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(await split(page)).toMatch(/^kf_/)
  }
  await page.context().close()
})
