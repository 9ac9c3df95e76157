/** The pages around the tokens, in Chromium: overview, audit, people, settings, and the list's filters. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manage, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'
import { openPage, startChromium } from './console-page.ts'

const PASSWORD = 'umbrella seven trombone'

let keyfence: RunningKeyfence
let browser: Browser
let origin: string
let page: Page
let faults: readonly string[]

beforeAll(async () => {
  browser = await startChromium()
  const flags = ['--trusted-proxies=127.0.0.1', '--allow-private-addresses']
  keyfence = await startKeyfence({ flags })
  const link = /http:\/\/localhost:\d+\/link#\S+/.exec(keyfence.output())?.[0] ?? ''
  origin = new URL(link).origin
  ;({ page, faults } = await openPage(browser, origin))
  await enter(page, link, 'Ann')
})

afterAll(async () => {
  await browser.close()
  await keyfence.close()
})

async function enter(there: Page, link: string, name?: string): Promise<void> {
  await there.goto(link)
  if (name !== undefined) await there.getByLabel('Name').fill(name)
  await there.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await there.keyboard.press('Enter')
  await there.waitForURL('**/tokens')
}

const OPEN = {
  domains: { enabled: false, entries: [] },
  ips: { enabled: false, entries: [] },
}
const CLOSED = { ...OPEN, ips: { enabled: true, entries: [] } }
const button = (name: string | RegExp) => page.getByRole('button', { name })
const visit = (title: string) =>
  page
    .getByRole('navigation', { name: 'Pages', exact: true })
    .getByRole('link', { name: title })
    .click()

describe('the list of tokens', () => {
  test('goes on and back, and narrows to what needs attention, in the URL', async () => {
    for (let made = 1; made <= 30; made++) {
      const draft = { name: `Closed ${made}`, owner: 'acme', restrictions: CLOSED }
      await manage(keyfence, 'POST /v1/tokens', draft)
    }
    const expiresAt = new Date(Date.now() + 2.5 * 86_400_000).toISOString()
    const open = { name: 'Open', owner: 'acme', restrictions: OPEN, expiresAt }
    await manage(keyfence, 'POST /v1/tokens', open)
    await page.goto(`${origin}/tokens`)
    await page.getByRole('link', { name: 'Closed 25', exact: true }).waitFor()
    await button('Next page').click()
    await page.getByRole('link', { name: 'Closed 26', exact: true }).waitFor()
    await page.locator('tbody').getByText('expires in 3 days').last().waitFor()
    await button('Previous page').click()
    await page.getByRole('link', { name: 'Closed 25', exact: true }).waitFor()
    expect(await button('Previous page').isDisabled()).toBe(true)
    await page.getByLabel('Needs attention').selectOption('unrestricted')
    await page.waitForURL('**/tokens?attention=unrestricted')
    await page.getByRole('link', { name: 'Closed 1', exact: true }).waitFor({ state: 'detached' })
    expect(await page.locator('tbody .main-link').allTextContents()).toEqual(['Open'])
  })

  test('has in its boxes what it is narrowed to, wherever the way there began', async () => {
    const name = page.getByLabel('Search by name')
    await page.goto(`${origin}/tokens`)
    await name.pressSequentially('Closed 2')
    await page.waitForURL('**/tokens?name=Closed+2')
    expect(await name.inputValue()).toBe('Closed 2')
    await visit('Tokens')
    await page.waitForURL('**/tokens')
    expect(await name.inputValue()).toBe('')
    await page.goBack()
    await page.waitForURL('**/tokens?name=Closed+2')
    expect(await name.inputValue()).toBe('Closed 2')
  })

  test('shows the calls of each token, in a table too, and many refusals', async () => {
    const draft = { name: 'Refused', owner: 'acme', restrictions: CLOSED }
    const { secret } = (await manage(keyfence, 'POST /v1/tokens', draft)).body
    const headers = { Authorization: `Bearer ${secret}`, 'X-Forwarded-For': '52.1.2.3' }
    for (let calls = 0; calls < 20; calls++) await send(keyfence.url, { headers })
    await page.goto(`${origin}/tokens?attention=refused`)
    await page.locator('tbody').getByText('many refusals').last().waitFor()
    const counts = page.getByRole('table', { name: 'Calls of Refused by the hour' })
    expect(await counts.locator('td').allTextContents()).toEqual(expect.arrayContaining(['20']))
  })
})

describe('tokens that are picked', () => {
  const bar = () => page.getByRole('region', { name: 'Picked tokens' })
  const pick = async (...names: string[]) => {
    await page.goto(`${origin}/tokens?owner=picked`)
    for (const name of names) await page.getByLabel(`Pick ${name}`, { exact: true }).check()
  }

  test('are disabled at once, seen from the first row on, and enabled again by one click', async () => {
    for (let made = 1; made <= 25; made++) {
      const draft = { name: `Picked ${made}`, owner: 'picked', restrictions: CLOSED }
      await manage(keyfence, 'POST /v1/tokens', draft)
    }
    await pick('Picked 1', 'Picked 2')
    await page.evaluate('scrollTo(0, 0)')
    const { y = 0, height = 0 } = (await bar().boundingBox()) ?? {}
    expect(y + height).toBeLessThanOrEqual(page.viewportSize()?.height ?? 0)
    await bar().getByRole('button', { name: 'Disable' }).click()
    await page.getByText('2 tokens disabled.').waitFor()
    await expect
      .poll(() => page.locator('tbody .badge:visible', { hasText: 'disabled' }).count())
      .toBe(2)
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await page
      .locator('tbody .badge:visible', { hasText: 'disabled' })
      .first()
      .waitFor({ state: 'detached' })
  })

  test('that cannot be enabled again are named', async () => {
    const draft = { name: 'Ended', owner: 'ended', restrictions: CLOSED }
    const { id } = (await manage(keyfence, 'POST /v1/tokens', draft)).body
    await page.goto(`${origin}/tokens?owner=ended`)
    await page.getByLabel('Pick Ended', { exact: true }).check()
    await bar().getByRole('button', { name: 'Revoke…' }).click()
    await page.getByRole('dialog').getByText('Every call with it gets 401').waitFor()
    await page.keyboard.press('Escape')
    await bar().getByRole('button', { name: 'Disable' }).click()
    await page.getByText('1 token disabled.').waitFor()
    await manage(keyfence, `POST /v1/tokens/${id}/revoke`)
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await page.getByText(/^Ended: .*revoked/).waitFor()
  })

  test('are revoked once how many they are is typed', async () => {
    await pick('Picked 3', 'Picked 4')
    await bar().getByRole('button', { name: 'Revoke…' }).click()
    const dialog = page.getByRole('dialog')
    const revoke = dialog.getByRole('button', { name: 'Revoke for good' })
    await dialog.getByRole('textbox').fill('revoke 3')
    expect(await revoke.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('revoke 2')
    await revoke.click()
    await page.getByText('2 tokens revoked.').waitFor()
    await page.goto(`${origin}/tokens?owner=picked&status=revoked`)
    await page.getByRole('link', { name: 'Picked 4', exact: true }).waitFor()
    expect(await page.locator('tbody .main-link').allTextContents()).toEqual([
      'Picked 3',
      'Picked 4',
    ])
  })
})

describe('the overview', () => {
  test('counts what needs attention, leads to it, and shows the node', async () => {
    await visit('Overview')
    await page.getByText('up to date').waitFor()
    await page.getByText('20 refused', { exact: true }).waitFor()
    await page.getByRole('link', { name: /1\s*token works from anywhere/ }).click()
    await page.waitForURL('**/tokens?attention=unrestricted')
  })
})

describe('the settings', () => {
  test('show the chain received, which hop is trusted, and the address used', async () => {
    await visit('Settings')
    const card = page.getByRole('region', { name: 'What we saw of your last request' })
    await card.getByText('Address used: 52.1.2.3').waitFor()
    await card.getByText('trusted proxy').first().waitFor()
    await card.getByText('Address used: 127.0.0.1').waitFor()
    await page.getByText('127.0.0.1/32').waitFor()
  })

  test('say it on every page where private addresses may be listed', async () => {
    await page.getByText('Private addresses may be listed here').waitFor()
  })
})

describe('people and keys', () => {
  test('a viewer is invited by a link that is shown once, and sees no button', async () => {
    await visit('People')
    await page.getByText('The last administrator who may change things').waitFor()
    expect(await button('Remove Ann').count()).toBe(0)
    await page.getByLabel('Name of somebody to invite').fill('Vera')
    await button('Invite').click()
    const link = (await page.getByTestId('link').textContent()) ?? ''
    await button('Close without copying').click()
    const veras = await openPage(browser, origin)
    await enter(veras.page, link)
    await veras.page.goto(`${origin}/people`)
    await veras.page.getByText('Your account may only look').waitFor()
    await veras.page.getByText('Vera').first().waitFor()
    for (const name of [/Remove/, /Invite/, /sign-in link/, /Create key/, /Revoke/]) {
      expect(await veras.page.getByRole('button', { name }).count()).toBe(0)
    }
    await veras.page.goto(`${origin}/tokens/new`)
    await veras.page.getByRole('heading', { name: 'This page is not open to you' }).waitFor()
    await veras.page.getByText('Your account may only look').waitFor()
    expect(await veras.page.getByRole('button', { name: 'Create token' }).count()).toBe(0)
    expect(veras.faults).toEqual([])
    await veras.page.context().close()
  })

  test('with a second one who may change things, roles change; who is named is removed', async () => {
    await page.getByLabel('Role of Vera').selectOption('admin')
    await page.getByText('The role of Vera is changed.').waitFor()
    await button('Remove Ann').waitFor()
    await button('Remove Vera').click()
    await page.getByLabel(/to confirm/).fill('Vera')
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('Vera is removed.').waitFor()
    await button('Remove Vera').waitFor({ state: 'detached' })
  })

  test('a key is shown once, works, and is refused once it is revoked', async () => {
    await page.getByLabel('Name of a new key').fill('Dashboard')
    await button('Create key').click()
    const secret = (await page.getByTestId('secret').textContent()) ?? ''
    await button('Close without copying').click()
    const status = async () => {
      const headers = { authorization: `Bearer ${secret}` }
      return (await send(`${keyfence.managementUrl}/v1/tokens`, { headers })).status
    }
    expect(await status()).toBe(200)
    await button('Revoke Dashboard').click()
    await page.getByLabel(/to confirm/).fill('Dashboard')
    await button('Revoke for good').click()
    await page.getByText('The key Dashboard is revoked.').waitFor()
    expect(await status()).toBe(401)
  })
})

describe('the audit log', () => {
  test('names who did what in words, and narrows in the URL', async () => {
    await visit('Audit')
    await page.getByText('Ann revoked the management key').first().waitFor()
    await page.getByLabel('What').selectOption('token.create')
    await page.waitForURL('**/audit?action=token.create')
    await page.getByText('The key of the environment created the token').first().waitFor()
    const target = page.getByLabel('Id of a token, key or administrator')
    await target.fill('tok_019a2b3c-0000-7000-8000-000000000000')
    await page.waitForURL('**/audit?*target=tok_*')
    await visit('Audit')
    await page.waitForURL('**/audit')
    expect(await target.inputValue()).toBe('')
    await page.getByRole('link', { name: 'Refused' }).first().click()
    await page.waitForURL('**/access')
    expect(faults).toEqual([])
  })
})
