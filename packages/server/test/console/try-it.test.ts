/** "Try it" answers as enforcement would, for lists that are not saved too. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, send } from '../running-keyfence.ts'
import { type RunningConsole, startConsole } from './running-console.ts'

const OTHER = 'https://other.example'
const DAY_MS = 86_400_000

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole()
})

afterAll(() => running.close())

test.each([
  {
    is: 'report only',
    life: { mode: 'report' },
    tells: /^Allowed/,
    rule: 'domain_not_listed',
    gets: 200,
  },
  { is: 'disabled', life: {}, tells: /^Refused/, rule: 'token_disabled', gets: 401 },
  {
    is: 'not valid yet',
    life: { notBefore: new Date(Date.now() + DAY_MS).toISOString() },
    tells: /^Refused/,
    rule: 'token_not_yet_valid',
    gets: 401,
  },
  { is: 'enforced', life: {}, tells: /^Refused/, rule: 'domain_not_listed', gets: 403 },
])('of a token that is $is, unsaved lists are tried as they would do', async (row) => {
  const keyfence = running.keyfence()
  const restrictions = {
    domains: { enabled: true, entries: ['shop.example.com'] },
    ips: { enabled: false, entries: [] },
  }
  const draft = { name: row.is, owner: 'acme', restrictions, ...row.life }
  const { id, secret } = (await manage(keyfence, 'POST /v1/tokens', draft)).body
  if (row.is === 'disabled') await manage(keyfence, `POST /v1/tokens/${id}/disable`)
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/access`)
  await page.getByLabel('Add domains').fill('app.example.org')
  await page.getByLabel('Add domains').press('Enter')
  await page.getByText('By the lists as they are on this page, not saved yet.').waitFor()
  await page.getByLabel('Page', { exact: true }).fill(OTHER)
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  const told = page.getByRole('region', { name: 'Try it' }).getByRole('status')
  await told.getByText(row.rule, { exact: true }).waitFor()
  expect(await told.textContent()).toMatch(row.tells)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText(/^Saved\./).waitFor()
  const headers = { Authorization: `Bearer ${secret}`, Origin: OTHER }
  expect((await send(keyfence.url, { headers })).status).toBe(row.gets)
  await page.context().close()
})
