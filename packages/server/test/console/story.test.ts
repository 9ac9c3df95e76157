/**
 * The one story, from what `npm start` runs: a provider issues a token, the customer locks it to their
 * site and their server, and so it stays. By mouse, and by keyboard alone on a small screen.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPage, startChromium } from './console-page.ts'
import { type Hands, keyboard, mouse } from './hands.ts'
import { type Site, startSite } from './site.ts'
import { goOn, type GoingOn, type StartedDemo, startDemo } from './started-demo.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/keyfence.js')
/** For docs/console.md: `npm run pictures` puts them there. */
const PICTURES = join(import.meta.dirname, '../../../../pictures/story')
const DENIED = `{"error":"Access denied. You don't have permission to access this."}`
/** Two machines: loopback has more than one address. */
const SERVER = '127.0.0.2'
const ELSEWHERE = '127.0.0.3'

const run = promisify(execFile)

let browser: Browser
let site: Site

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  browser = await startChromium(['shop.example.com', 'evil.example'])
  site = await startSite()
})

afterAll(async () => {
  site.close()
  await browser.close()
})

describe.each([
  { by: 'mouse', handsOn: mouse, viewport: { width: 1180, height: 1000 } },
  { by: 'keyboard alone, at 360 px,', handsOn: keyboard, viewport: { width: 360, height: 740 } },
])('by $by a token is locked to a site and a server', ({ by, handsOn, viewport }) => {
  const shown = by === 'mouse'
  let demo: StartedDemo
  let next: GoingOn | undefined
  let secret: string
  let page: Page
  let hands: Hands
  let faults: readonly string[]

  beforeAll(async () => {
    demo = await startDemo()
  })

  afterAll(async () => {
    await demo.kill()
    await next?.close()
    rmSync(demo.folder, { recursive: true, force: true })
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  /** Of the page from there on, or from its top. */
  const picture = async (name: string, from: Locator = page.locator('body')): Promise<void> => {
    if (!shown) return
    await from.evaluate((element) => element.scrollIntoView({ behavior: 'instant' }))
    await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' })
  }

  const open = async (link: string): Promise<void> => {
    ;({ page, faults } = await openPage(browser, new URL(link).origin, { viewport }))
    hands = handsOn(page)
    await page.goto(link)
  }

  const fromPage = (host: string) =>
    site.callFrom(browser, host, { url: `${demo.url}/orders`, token: secret })
  const fromMachine = (address: string) => callFrom(address, demo.url, secret)

  test('the provider issues a token, and makes a link for the customer', async () => {
    await open(demo.consoleLink)
    await hands.press(button('Open'))
    await hands.press(page.getByRole('link', { name: 'New token' }).first())
    await hands.paste(page.getByLabel('Name', { exact: true }), 'Web shop')
    await hands.paste(page.getByLabel('Owner'), 'acme')
    await hands.press(button('Create token'))
    secret = (await page.getByTestId('secret').textContent()) ?? ''
    expect(secret).toMatch(/^kf_/)
    expect((await fromPage('evil.example')).status).toBe(200)
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('the customer opens it, turns on both lists, pastes two lines and saves', async () => {
    const can = ['--can', 'restrict,activity', '--data', demo.folder]
    const made = await run(process.execPath, [PROGRAM, 'portal', 'link', '--owner', 'acme', ...can])
    await open(made.stdout.trim())
    await hands.press(page.getByRole('link', { name: 'Web shop' }))
    await page.getByLabel('Add domains').waitFor()
    await picture('1-open')
    await hands.press(page.getByRole('radio', { name: 'Both' }))
    await hands.paste(page.getByLabel('Add domains'), 'https://shop.example.com/cart')
    await page.keyboard.press('Enter')
    await hands.paste(page.getByLabel('Add addresses'), SERVER)
    await page.keyboard.press('Enter')
    await page.getByText('Server requests must come from 1 address.').waitFor()
    await page.getByText(/^Would have refused/).waitFor()
    await picture('2-edited')
    await hands.press(button('Save'))
    await page.getByText('Saved. The next request').waitFor()
  })

  test('a page of the site works, preflight included; the same script elsewhere reads the 403', async () => {
    const ours = await fromPage('shop.example.com')
    expect(ours).toMatchObject({ status: 200, isPreflighted: true })
    const theirs = await fromPage('evil.example')
    expect(theirs).toEqual({ status: 403, body: DENIED, isPreflighted: true })
  })

  test('the listed server gets 200, the same call from elsewhere 403', async () => {
    expect(await fromMachine(SERVER)).toMatchObject({ status: 200 })
    expect(await fromMachine(ELSEWHERE)).toEqual({ status: 403, body: DENIED })
  })

  test('both refusals stand in Activity, in words', async () => {
    await hands.press(page.getByRole('link', { name: 'Activity' }))
    for (const [words, place] of [
      ['The domain is not listed', 'evil.example'],
      ['The address is not listed', ELSEWHERE],
    ] as const) {
      await page.getByRole('listitem').filter({ hasText: words }).getByText(place).waitFor()
    }
    await picture('3-refused', page.getByRole('heading', { name: 'Refusals' }))
  })

  test('one click allows one of them, and its next call passes', async () => {
    await hands.press(page.getByRole('button', { name: 'Allow this address' }).first())
    await button('Allow').waitFor()
    await picture('4-allow', page.getByRole('heading', { name: 'Refusals' }))
    await hands.press(button('Allow'))
    await page.getByText(`${ELSEWHERE} is allowed: its next call passes`).waitFor()
    expect(await fromMachine(ELSEWHERE)).toMatchObject({ status: 200 })
    expect((await fromPage('evil.example')).status).toBe(403)
    expect(faults).toEqual([])
  })

  test('after SIGKILL and a new start all of it is still true', async () => {
    const portal = new URL(page.url())
    await demo.kill()
    next = await goOn(demo.folder, {
      data: new URL(demo.url),
      management: new URL(demo.consoleLink),
      portal,
    })
    expect(await fromPage('shop.example.com')).toMatchObject({ status: 200, isPreflighted: true })
    expect(await fromPage('evil.example')).toMatchObject({ status: 403, body: DENIED })
    expect((await fromMachine(SERVER)).status).toBe(200)
    expect((await fromMachine(ELSEWHERE)).status).toBe(200)
    expect((await fromMachine('127.0.0.4')).status).toBe(403)
    await page.reload()
    await page.getByRole('listitem').filter({ hasText: 'evil.example' }).first().waitFor()
    await hands.press(page.getByRole('link', { name: 'Access control' }))
    const addresses = page.getByRole('list', { name: /Back end/ })
    await addresses.getByText(ELSEWHERE, { exact: true }).waitFor()
    await page.context().close()
  })
})

/** A program's call from one of the addresses of this machine. */
function callFrom(
  localAddress: string,
  url: string,
  token: string,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` }
    const outgoing = request(`${url}/orders`, { headers, localAddress, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        body += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
