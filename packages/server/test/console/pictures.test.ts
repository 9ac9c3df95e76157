/**
 * Every page and the states that it can be in, narrow and wide, light and dark: in order for axe and no
 * wider than the window. A picture of each is left in `pictures/`, for people to look at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'
import { openPage, startChromium, wrongWith } from './console-page.ts'
import { type Seeded, SHOP_OWNER, seedPages } from './pictures-seed.ts'
import { linkIn, PASSWORD } from './running-console.ts'

const FOLDER = join(import.meta.dirname, '../../../../pictures')

const LOOKS = [360, 1440].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
)

type Door = 'nobody' | 'console' | 'portal'

/** One page in one state. */
interface Picture {
  readonly name: string
  readonly door: Door
  /** Goes there, and does what makes the state. */
  readonly reach: (page: Page) => Promise<void>
  /** A text that is there once the page is. */
  readonly shows: string | RegExp
}

let browser: Browser
let keyfence: RunningKeyfence
let seeded: Seeded
const origins = new Map<Door, string>()
const pages = new Map<Door, Page>()
const faults: (readonly string[])[] = []

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true })
  browser = await startChromium()
  keyfence = await startKeyfence({
    flags: ['--trusted-proxies=127.0.0.1', '--portal-listen=127.0.0.1:0'],
  })
  const { origin } = new URL(linkIn(keyfence.output()))
  const portal = /portal\s+(http:\/\/localhost:\d+)/.exec(keyfence.output())?.[1] ?? ''
  for (const [door, at] of [
    ['nobody', origin],
    ['console', origin],
    ['portal', portal],
  ] as const) {
    const opened = await openPage(browser, at)
    origins.set(door, at)
    pages.set(door, opened.page)
    faults.push(opened.faults)
  }
})

afterAll(async () => {
  await browser.close()
  await keyfence.close()
})

/** Goes to a path of the door's pages. */
const to = (path: string | (() => string)) => async (page: Page) => {
  const origin = page === pages.get('portal') ? origins.get('portal') : origins.get('console')
  await page.goto(`${origin}${typeof path === 'string' ? path : path()}`)
}

const tab = (which: keyof Seeded, name: string) => to(() => `/tokens/${seeded[which]}/${name}`)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** In this order: what comes later stands on what was there before. */
const PICTURES: readonly Picture[] = [
  { name: 'set-up', door: 'console', reach: followLink, shows: 'Create administrator' },
  { name: 'tokens-empty', door: 'console', reach: setUp, shows: 'There are no tokens yet' },
  { name: 'overview-empty', door: 'console', reach: to('/overview'), shows: 'Nodes' },
  { name: 'portal-empty', door: 'portal', reach: enterPortal, shows: 'There are no tokens yet' },
  { name: 'sign-in', door: 'nobody', reach: to('/sign-in'), shows: 'Sign in' },
  { name: 'link-used', door: 'nobody', reach: to('/link#nothing'), shows: /link/ },
  { name: 'tokens', door: 'console', reach: seedAndShow, shows: 'Web shop' },
  {
    name: 'tokens-attention',
    door: 'console',
    reach: to('/tokens?attention=expiring'),
    shows: 'Nightly export',
  },
  {
    name: 'tokens-none-like-this',
    door: 'console',
    reach: to('/tokens?name=zzz'),
    shows: 'No token is like this',
  },
  { name: 'tokens-picked', door: 'console', reach: pickAll, shows: 'Revoke…' },
  { name: 'tokens-loading', door: 'console', reach: waitForTokens, shows: 'Tokens' },
  { name: 'new-token', door: 'console', reach: newToken, shows: 'Add addresses' },
  { name: 'secret', door: 'console', reach: createToken, shows: 'Waiting for the first call' },
  { name: 'access-open', door: 'console', reach: tab('openId', 'access'), shows: 'Add domains' },
  { name: 'access', door: 'console', reach: tab('shopId', 'access'), shows: '52.1.2.3' },
  { name: 'access-changed', door: 'console', reach: changeLists, shows: 'Discard' },
  {
    name: 'access-full-long-names',
    door: 'console',
    reach: tab('fullId', 'access'),
    shows: '5 of 5',
  },
  { name: 'try-it', door: 'console', reach: tryIt, shows: 'HTTP 403' },
  { name: 'activity', door: 'console', reach: tab('shopId', 'activity'), shows: '/v1/orders' },
  { name: 'activity-empty', door: 'console', reach: tab('openId', 'activity'), shows: 'Refusals' },
  { name: 'token-settings', door: 'console', reach: tab('shopId', 'settings'), shows: 'Rotate' },
  {
    name: 'token-missing',
    door: 'console',
    reach: to('/tokens/tok_none/access'),
    shows: 'There is no such token',
  },
  { name: 'overview', door: 'console', reach: to('/overview'), shows: 'up to date' },
  { name: 'audit', door: 'console', reach: to('/audit?action=token.create'), shows: 'Web shop' },
  { name: 'people', door: 'console', reach: to('/people'), shows: 'Vera' },
  { name: 'settings', door: 'console', reach: to('/settings'), shows: 'Address used' },
  { name: 'portal-tokens', door: 'portal', reach: to('/tokens'), shows: 'Web shop' },
  { name: 'portal-access', door: 'portal', reach: tab('shopId', 'access'), shows: '52.1.2.3' },
  {
    name: 'portal-activity',
    door: 'portal',
    reach: tab('shopId', 'activity'),
    shows: '/v1/orders',
  },
  { name: 'portal-settings', door: 'portal', reach: tab('shopId', 'settings'), shows: 'Rotate' },
  { name: 'server-down', door: 'console', reach: crash, shows: 'The server does not answer' },
]

test.each(PICTURES)('$name is in order and fits', async ({ name, door, reach, shows }) => {
  const page = pages.get(door)
  if (page === undefined) throw new Error(`nothing is behind ${door}`)
  await reach(page)
  await page.getByText(shows).first().waitFor()
  if (name !== 'tokens-loading') await loaded(page)
  const wrong: string[] = []
  for (const { width, scheme } of LOOKS) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.evaluate(FINISH_TRANSITIONS)
    // In the dark nothing but the colours is another.
    const found = await wrongWith(page, scheme === 'light' ? 'all' : 'colours')
    wrong.push(...found.map((fault) => `${width} ${scheme}: ${fault}`))
    await page.screenshot({ path: join(FOLDER, `${name}-${width}-${scheme}.png`), fullPage: true })
  }
  expect(wrong).toEqual([])
})

test('no page asked another host, broke, or was refused what it brings', () => {
  expect(faults.flat()).toEqual([])
})

/** Halfway from light to dark no colour is what it will be; one that ends may begin another. */
const FINISH_TRANSITIONS = `(async () => {
  for (let calmFrames = 0; calmFrames < 3; calmFrames++) {
    await new Promise(requestAnimationFrame)
    for (const animation of document.getAnimations()) {
      if (!(animation instanceof CSSTransition)) continue
      animation.finish()
      calmFrames = 0
    }
  }
})()`

async function loaded(page: Page): Promise<void> {
  const skeletons = page.locator('.mantine-Skeleton-root')
  await expect.poll(() => skeletons.count(), { timeout: 15_000 }).toBe(0)
}

async function followLink(page: Page): Promise<void> {
  await page.goto(linkIn(keyfence.output()))
}

async function setUp(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('Ann')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await press(page, 'Create administrator')
}

async function enterPortal(page: Page): Promise<void> {
  const capabilities = ['restrict', 'activity', 'create', 'rotate', 'settings', 'disable', 'revoke']
  const grant = { owner: SHOP_OWNER, capabilities, returnUrl: 'https://app.example.com/tokens' }
  const { body } = await manage(keyfence, 'POST /v1/portal-sessions', grant)
  await page.goto(body.link)
}

async function seedAndShow(page: Page): Promise<void> {
  seeded = await seedPages(keyfence)
  await to('/tokens?owner=acme')(page)
}

async function pickAll(page: Page): Promise<void> {
  await to('/tokens')(page)
  await page.getByLabel('Pick all tokens of this page').check()
}

/** Its list is not answered as long as anybody looks. */
async function waitForTokens(page: Page): Promise<void> {
  await page.route('**/v1/tokens?*', () => {})
  await to('/tokens')(page)
  await page.getByRole('status', { name: 'Loading' }).waitFor()
}

async function newToken(page: Page): Promise<void> {
  await page.unroute('**/v1/tokens?*')
  await to('/tokens/new')(page)
  await page.getByRole('radio', { name: /Both/ }).check()
  await page.getByLabel('Add domains').fill('https://shop.example.com/cart, com')
}

async function createToken(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('Secret')
  await page.getByLabel('Owner').fill(SHOP_OWNER)
  await page.getByLabel('Add domains').fill('shop.example.com')
  await page.keyboard.press('Enter')
  await press(page, 'Create token')
}

async function changeLists(page: Page): Promise<void> {
  await page.getByLabel('Add domains').fill('other.example.com')
  await page.keyboard.press('Enter')
  await page.locator('.save-bar [aria-live]').waitFor()
}

async function tryIt(page: Page): Promise<void> {
  await tab('shopId', 'access')(page)
  await page.getByRole('textbox', { name: 'Page' }).fill('evil.example')
  await press(page, 'Try')
}

async function crash(page: Page): Promise<void> {
  await to('/tokens')(page)
  await page.getByText('Shop').first().waitFor()
  await keyfence.stop('SIGKILL')
  await page.getByRole('link', { name: 'Overview' }).click()
}
