/** The console in Chromium, on a real node: what an administrator does, step by step. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answered,
  manage,
  type RunningKeyfence,
  send,
  startKeyfence,
} from '../running-keyfence.ts'
import { openPage, startChromium, wrongWith } from './console-page.ts'

const PASSWORD = 'umbrella seven trombone'
const DENIED = `{"error":"Access denied. You don't have permission to access this."}`
const SERVER = '52.1.2.3'

let keyfence: RunningKeyfence
let browser: Browser
let origin: string
let page: Page
let faults: readonly string[]

beforeAll(async () => {
  browser = await startChromium()
  // The address of a caller is what a test says it is.
  keyfence = await startKeyfence({ flags: ['--trusted-proxies=127.0.0.1'] })
  origin = new URL(linkIn(keyfence.output())).origin
  ;({ page, faults } = await openPage(browser, origin))
})

afterAll(async () => {
  await browser.close()
  await keyfence.close()
})

function linkIn(text: string): string {
  const link = /http:\/\/localhost:\d+\/link#\S+/.exec(text)?.[0]
  if (link === undefined) throw new Error(`no link in ${text}`)
  return link
}

const call = (token: string, headers: Record<string, string>): Promise<Answered> =>
  send(keyfence.url, { headers: { Authorization: `Bearer ${token}`, ...headers } })

const statusFrom = async (token: string, place: { page?: string; server?: string }) =>
  (
    await call(token, {
      'X-Forwarded-For': place.server ?? SERVER,
      ...(place.page === undefined ? {} : { Origin: place.page }),
    })
  ).status

const button = (name: string | RegExp) => page.getByRole('button', { name })

describe('an administrator', () => {
  let secret: string

  test('sets the console up by the link that the node printed', async () => {
    const link = linkIn(keyfence.output())
    await page.goto(`${link}-not-whole`)
    await page.getByText('This link does not work').waitFor()
    // In the same tab, only what stands behind # is another.
    await page.goto(link)
    await page.getByLabel('Name').fill('Ann')
    expect(page.url()).not.toContain('#')
    await page.getByLabel('Password', { exact: true }).fill('passwordpassword')
    await button('Create administrator').click()
    await page.getByText('easily guessed').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/tokens')
    expect(await wrongWith(page)).toEqual([])
  })

  test('creates a token that is locked to a page and a server', async () => {
    await page.getByRole('link', { name: 'New token' }).first().click()
    await page.getByLabel('Name', { exact: true }).fill('Shop')
    await page.getByLabel('Owner').fill('acme')
    await page.getByRole('radio', { name: /Both/ }).check()
    await page.getByLabel('Add domains').fill('https://shop.example.com/cart')
    await page.keyboard.press('Enter')
    await page.getByLabel('Add addresses').fill(SERVER)
    await page.keyboard.press('Enter')
    await button('Create token').click()
    secret = (await page.getByTestId('secret').textContent()) ?? ''
    expect(secret).toMatch(/^kf_/)
    expect(await statusFrom(secret, { page: 'https://shop.example.com' })).toBe(200)
    expect(await statusFrom(secret, { page: 'https://evil.example' })).toBe(403)
    expect(await statusFrom(secret, {})).toBe(200)
    const refused = await call(secret, { 'X-Forwarded-For': '8.8.4.4' })
    expect([refused.status, refused.body]).toEqual([403, DENIED])
  })

  test('is asked before the secret is left uncopied', async () => {
    await page.getByRole('link', { name: 'Go to access control' }).click()
    await page.getByRole('dialog').getByText('never shown again').waitFor()
    await button('Stay').first().click()
    expect(await page.getByTestId('secret').textContent()).toBe(secret)
    await page.getByRole('link', { name: 'Go to access control' }).click()
    await page.getByRole('dialog').getByRole('button', { name: /Leave/ }).click()
    await page.waitForURL('**/access')
  })

  test.each([
    { typed: 'com', said: /at least two parts|Anybody/, because: 'no domain of anybody’s' },
    { typed: '1.2.3.4', said: /IP address/, because: 'the other list' },
    { typed: 'shop.example.com', said: /listed already/, because: 'twice' },
  ])('is told while typing why $typed is not taken: $because', async ({ typed, said }) => {
    await page.getByLabel('Add domains').fill(typed)
    await page.locator('.judged').first().filter({ hasText: said }).waitFor()
  })

  test('pastes many at once: what fits is taken, and the rest is named', async () => {
    const box = page.getByLabel('Add domains')
    await box.fill('one.example.org, https://two.example.org/x\nbad_.com..\nthree.example.org')
    await button(/^Add 3$/).click()
    expect(await box.inputValue()).toContain('bad_.com..')
    await page.getByText('4 of 5').waitFor()
    await box.fill('')
  })

  test('learns of somebody else’s change, and keeps both', async () => {
    const id = /tok_[^/]+/.exec(page.url())?.[0] ?? ''
    const on = (...entries: string[]) => ({ enabled: true, entries })
    const lists = { domains: on('shop.example.com'), ips: on(SERVER, '9.9.9.9') }
    await manage(keyfence, `PUT /v1/tokens/${id}/restrictions`, lists)
    await button('Save').click()
    await page.getByText('Somebody else changed this token.').waitFor()
    await page
      .getByRole('list', { name: /Back end/ })
      .getByText('9.9.9.9', { exact: true })
      .waitFor()
    await page
      .getByRole('list', { name: /Front end/ })
      .getByText('one.example.org', { exact: true })
      .waitFor()
  })

  test('signs in again where the session has ended, and nothing typed is lost', async () => {
    await page.context().clearCookies()
    // Under the dialog, if the page itself has asked something in the meantime.
    await button('Save').dispatchEvent('click')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Your session has ended').waitFor()
    await dialog.getByLabel('Name').fill('Ann')
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText('Saved. The next request').waitFor()
    expect(await statusFrom(secret, { page: 'https://one.example.org' })).toBe(200)
    expect(await statusFrom(secret, { server: '9.9.9.9' })).toBe(200)
  })

  test('tries a request before anybody sends it', async () => {
    await page.getByRole('textbox', { name: 'Page' }).fill('evil.example')
    await page.getByRole('button', { name: 'Try', exact: true }).click()
    await page.getByText('HTTP 403').waitFor()
  })

  test('finds a refusal by its request id and allows its domain: the next call passes', async () => {
    const refused = await call(secret, { Origin: 'https://other.example.org' })
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByLabel('Request id').fill(String(refused.headers['keyfence-request-id']))
    await button('Find').click()
    await page.getByText('other.example.org is not listed').waitFor()
    await button('Allow this domain').first().click()
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByText('is allowed: its next call passes').waitFor()
    await page.getByText('This domain is already listed.').first().waitFor()
    expect(await statusFrom(secret, { page: 'https://other.example.org' })).toBe(200)
  })

  test('revokes the token: the next call is 401', async () => {
    await page.getByLabel('Pages of this token').getByRole('link', { name: 'Settings' }).click()
    await button('Revoke…').click()
    await page.getByLabel(/to confirm/).fill('Shop')
    await button('Revoke for good').click()
    await page.getByText('revoked', { exact: true }).waitFor()
    expect(await statusFrom(secret, { page: 'https://shop.example.com' })).toBe(401)
  })

  test('signs out, and nothing of the console is left', async () => {
    await button('Sign out').click()
    await page.waitForURL('**/sign-in')
    await page.goto(`${origin}/tokens`)
    await page.waitForURL('**/sign-in*')
    expect(faults).toEqual([])
  })
})
