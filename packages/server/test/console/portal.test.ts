/** The owner portal in Chromium, on a real node: what a customer does, in a page and in a frame. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CAPABILITIES } from '../../src/access/portal-session.ts'
import { manage, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'
import { openPage, startChromium, wrongWith } from './console-page.ts'

let browser: Browser
let dashboard: Dashboard
let stranger: Dashboard
let keyfence: RunningKeyfence
let origin: string

/** A page of somebody's that shows a link in a frame. */
interface Dashboard {
  readonly origin: string
  readonly close: () => void
  frame: string
}

async function startDashboard(): Promise<Dashboard> {
  const server: Server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(
      `<!doctype html><title>Dashboard</title><iframe title="Tokens" width="360" height="700" src="${shown.frame}"></iframe>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const shown: Dashboard = {
    origin: `http://localhost:${port}`,
    close: () => server.closeAllConnections() ?? server.close(),
    frame: '',
  }
  return shown
}

beforeAll(async () => {
  browser = await startChromium()
  dashboard = await startDashboard()
  stranger = await startDashboard()
  keyfence = await startKeyfence({
    flags: ['--portal-listen=127.0.0.1:0', `--portal-frame-hosts=${dashboard.origin}`],
  })
  origin = /portal\s+(http:\/\/localhost:\d+)/.exec(keyfence.output())?.[1] ?? ''
})

afterAll(async () => {
  await browser.close()
  dashboard.close()
  stranger.close()
  await keyfence.close()
})

async function link(
  owner: string,
  capabilities: readonly string[] = CAPABILITIES,
): Promise<string> {
  const body = { owner, capabilities, returnUrl: `${dashboard.origin}/tokens` }
  const made = await manage(keyfence, 'POST /v1/portal-sessions', body)
  return made.body.link
}

async function token(owner: string, name: string): Promise<string> {
  return (await manage(keyfence, 'POST /v1/tokens', { owner, name })).body.id
}

const call = async (secret: string, page: string) =>
  (await send(keyfence.url, { headers: { Authorization: `Bearer ${secret}`, Origin: page } }))
    .status

describe.each([360, 1440])('an owner, %d pixels wide', (width) => {
  test('opens a link, makes a token for their page, and sees nobody else’s', async () => {
    const owner = `acme-${width}`
    await token('globex', 'Not for acme')
    const viewport = { width, height: 800 }
    const { page, faults } = await openPage(browser, origin, { viewport })
    await page.goto(await link(owner))
    await page.waitForURL('**/tokens')
    expect(page.url()).not.toContain('#')
    await page.getByText('There are no tokens yet').waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.getByRole('link', { name: 'New token' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Shop')
    expect(await page.getByLabel('Owner').count()).toBe(0)
    await page
      .getByRole('radio', { name: /browser/i })
      .first()
      .check()
    await page.getByLabel('Add domains').fill('https://shop.example.com/cart')
    await page.keyboard.press('Enter')
    expect(await wrongWith(page)).toEqual([])
    await page.getByRole('button', { name: 'Create token' }).click()
    const secret = (await page.getByTestId('secret').textContent()) ?? ''
    expect(await call(secret, 'https://shop.example.com')).toBe(200)
    expect(await call(secret, 'https://evil.example')).toBe(403)
    await page.getByRole('link', { name: 'Go to access control' }).click()
    await page.getByRole('dialog').getByRole('button', { name: /Leave/ }).click()
    await page.waitForURL('**/access')
    expect(await wrongWith(page)).toEqual([])
    await page.getByRole('link', { name: 'Activity' }).click()
    await page
      .getByText('https://shop.example.com')
      .or(page.getByText('evil.example'))
      .first()
      .waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Expiry' }).waitFor()
    expect(await wrongWith(page)).toEqual([])
    const back = page.getByRole('link', { name: `Back to ${new URL(dashboard.origin).host}` })
    expect(await back.getAttribute('href')).toBe(`${dashboard.origin}/tokens`)
    expect(faults).toEqual([])
    await page.context().close()
  })
})

describe('a link', () => {
  test('that was used says so, and where another is had', async () => {
    const used = await link('acme')
    const first = await openPage(browser, origin)
    await first.page.goto(used)
    await first.page.waitForURL('**/tokens')
    await first.page.context().close()
    const { page } = await openPage(browser, origin)
    await page.goto(used)
    await page.getByText('ask for a new one from where you came').waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.goto(`${origin}/tokens`)
    await page.getByText('ask for a new one from where you came').waitFor()
    // In the same tab, only what stands behind # is another.
    await page.goto(await link('acme'))
    await page.waitForURL('**/tokens')
    expect(page.url()).not.toContain('#')
    await page.context().close()
  })

  test('that may nothing shows the tokens, and offers nothing', async () => {
    const id = await token('looker', 'Mine')
    const { page } = await openPage(browser, origin)
    await page.goto(await link('looker', []))
    await page.getByRole('link', { name: 'Mine' }).click()
    await page.getByText('Report only').or(page.getByText('Enforced')).first().waitFor()
    for (const name of ['Activity', 'Settings', 'New token', 'Administrators', 'Audit']) {
      expect(await page.getByRole('link', { name, exact: true }).count()).toBe(0)
    }
    expect(await page.getByLabel('Add domains').count()).toBe(0)
    await page.goto(`${origin}/tokens/${id}/settings`)
    await page.getByText('may only look').waitFor()
    expect(await wrongWith(page)).toEqual([])
    for (const path of ['/tokens/new', '/people', '/overview', '/audit', '/settings']) {
      await page.goto(`${origin}${path}`)
      await page.getByText('This link does not open it').waitFor()
    }
    expect(await wrongWith(page)).toEqual([])
    await page.context().close()
  })

  test('of another owner opens nothing of what this one shows', async () => {
    const id = await token('globex', 'Theirs')
    const { page } = await openPage(browser, origin)
    await page.goto(await link('acme'))
    await page.waitForURL('**/tokens')
    await page.goto(`${origin}/tokens/${id}/access`)
    await page.getByText('There is no such token').waitFor()
    await page.context().close()
  })
})

describe('a session that ends while somebody types', () => {
  async function typing(owner: string): Promise<{ page: Page; id: string }> {
    const id = await token(owner, 'Edited')
    const { page } = await openPage(browser, origin)
    // Without `activity` the page asks for nothing by itself: saving is what finds the session ended.
    await page.goto(await link(owner, ['restrict']))
    await page.waitForURL('**/tokens')
    await page.goto(`${origin}/tokens/${id}/access`)
    await page.getByRole('radio', { name: /Both/ }).check()
    await page.getByLabel('Add domains').fill('shop.example.com')
    await page.keyboard.press('Enter')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').getByText('in another tab').waitFor()
    return { page, id }
  }

  async function openBeside(page: Page, owner: string): Promise<void> {
    const other = await page.context().newPage()
    await other.goto(await link(owner))
    await other.waitForURL('**/tokens')
    await other.close()
  }

  test('goes on with a new link in another tab: nothing typed is lost', async () => {
    const { page, id } = await typing('typist')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByText('no new session yet').waitFor()
    await openBeside(page, 'typist')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('Saved.').first().waitFor()
    const saved = await manage(keyfence, `GET /v1/tokens/${id}`)
    expect(saved.body.restrictions.domains.entries).toHaveLength(1)
    await page.context().close()
  })

  test('does not go on as another owner', async () => {
    const { page } = await typing('typist')
    await openBeside(page, 'globex')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByText('opened for another owner').waitFor()
    await page.context().close()
  })
})

describe('a frame', () => {
  async function framed(around: Dashboard, owner: string): Promise<{ page: Page; frame: Frame }> {
    around.frame = await link(owner)
    const page = await (await browser.newContext()).newPage()
    await page.goto(around.origin)
    const frame = page.frames()[1]
    if (frame === undefined) throw new Error('the page has no frame')
    return { page, frame }
  }

  test('of a host that is listed holds the portal, 360 pixels wide', async () => {
    await token('framed', 'In a frame')
    const { page, frame } = await framed(dashboard, 'framed')
    await frame.getByRole('link', { name: 'In a frame' }).click()
    await frame.getByRole('radio', { name: /Both/ }).check()
    await frame.getByLabel('Add domains').fill('shop.example.com')
    await frame.getByLabel('Add domains').press('Enter')
    await frame.getByRole('button', { name: 'Save' }).click()
    await frame.getByText('Saved.').first().waitFor()
    const overflow = await frame.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBe(0)
    await page.context().close()
  })

  test('of any other host stays empty, and its link unused', async () => {
    const { page, frame } = await framed(stranger, 'framed')
    expect(frame.url()).toMatch(/^chrome-error:/)
    const fresh = await openPage(browser, origin)
    await fresh.page.goto(stranger.frame)
    await fresh.page.waitForURL('**/tokens')
    await fresh.page.context().close()
    await page.context().close()
  })

  test('never holds the console of administrators', async () => {
    const consoleOrigin = keyfence.managementUrl.replace('127.0.0.1', 'localhost')
    const page = await (await browser.newContext()).newPage()
    dashboard.frame = `${consoleOrigin}/sign-in`
    await page.goto(dashboard.origin)
    expect(page.frames()[1]?.url()).toMatch(/^chrome-error:/)
    await page.context().close()
  })
})
