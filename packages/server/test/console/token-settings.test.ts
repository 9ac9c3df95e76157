/** The settings of a token: what nobody touched stays as it is, and no text goes over to another token. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage } from '../running-keyfence.ts'
import { issueToken, type RunningConsole, startConsole } from './running-console.ts'

const DAY_MS = 86_400_000

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole()
})

afterAll(() => running.close())

async function create(draft: object): Promise<string> {
  const body = { owner: 'acme', name: 'Set', ...draft }
  return (await manage(running.keyfence(), 'POST /v1/tokens', body)).body.id
}

async function at(id: string): Promise<Page> {
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${id}/settings`)
  await page.getByRole('button', { name: 'Rename' }).waitFor()
  return page
}

test('an expiry that nobody touched is not moved to the end of its day', async () => {
  const expiresAt = new Date(Date.now() + 40 * DAY_MS).toISOString()
  const page = await at(await create({ expiresAt }))
  const change = page.getByRole('button', { name: 'Change expiry' })
  expect(await change.isDisabled()).toBe(true)
  await page.getByLabel('Expires').selectOption('30 days')
  expect(await change.isDisabled()).toBe(false)
  await page.getByLabel('Expires').selectOption('On a date')
  expect(await change.isDisabled()).toBe(true)
  await page.getByLabel('Last day').fill('2099-01-31')
  await change.click()
  await page.getByText(/It expires .*2099/).waitFor()
  expect(await change.isDisabled()).toBe(true)
  await page.context().close()
})

test('a name with blanks around it is not taken for one that was typed', async () => {
  const name = ' Blanks  around '
  const page = await at(await create({ name }))
  const box = page.getByRole('textbox', { name: 'Name', exact: true })
  expect(await box.inputValue()).toBe(name)
  const rename = page.getByRole('button', { name: 'Rename' })
  expect(await rename.isDisabled()).toBe(true)
  await box.fill('Blanks  around')
  expect(await rename.isDisabled()).toBe(false)
  await box.fill(name)
  await page.getByRole('link', { name: 'Tokens', exact: true }).first().click()
  await page.waitForURL('**/tokens')
  await page.context().close()
})

test.each([
  { tab: 'Settings', box: 'Name', isAsked: true, shows: 'One' },
  { tab: 'Activity', box: 'Request id', isAsked: false, shows: '' },
])('what was typed on $tab of a token does not go over to another', async (row) => {
  const { tab, box, isAsked, shows } = row
  const one = await issueToken(running.keyfence(), 'One')
  await issueToken(running.keyfence(), 'Another')
  const { page } = await running.open()
  await page.goto(`${running.origin}/tokens/${one.id}/${tab.toLowerCase()}`)
  await page.getByRole('link', { name: 'Tokens', exact: true }).first().click()
  await page.getByRole('link', { name: 'Another', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Another' }).waitFor()
  await page.getByRole('link', { name: tab, exact: true }).last().click()
  const typed = page.getByRole('textbox', { name: box, exact: true })
  await typed.fill('Half typed')
  await page.evaluate('history.go(-3)')
  if (isAsked) await page.getByRole('button', { name: 'Leave', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'One' }).waitFor()
  expect(await typed.inputValue()).toBe(shows)
  await page.context().close()
})
