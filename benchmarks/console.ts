/**
 * How long a person waits for the console: `node benchmarks/console.ts [--tokens N] [--quick]`, 5,000
 * tokens unless told otherwise, in Debian's Chromium; `npm start` has built the pages. The first page is loaded over a slow line, with
 * nothing kept from before; what follows is done on this machine, until the paint that shows it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { startChromium } from '../packages/server/test/console/console-page.ts'
import { benchmarkOptions } from './command-line.ts'
import { fillStore } from './filled-store.ts'
import { middle } from './rounds.ts'
import { report, type Row } from './row.ts'
import { MANAGEMENT_KEY, serveNode } from './served-node.ts'

const { isQuick, tokenCount = 5000 } = benchmarkOptions()
const ROUNDS = isQuick ? 3 : 15
/** What a person takes for at once. */
const ANSWERED_MS_MAX = 100
/** As browsers' own tools have "Slow 4G": octets a second, and milliseconds there and back. */
const SLOW_LINE = {
  offline: false,
  downloadThroughput: 180_000,
  uploadThroughput: 84_375,
  latency: 562.5,
}

interface Entered {
  readonly origin: string
  readonly context: BrowserContext
}

/** The link by which the first administrator is made. */
async function setUpLink(managementUrl: string): Promise<string> {
  const headers = { Authorization: `Bearer ${MANAGEMENT_KEY}`, 'Content-Type': 'application/json' }
  const url = `${managementUrl}/v1/sign-in-links`
  const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
  return String(Reflect.get(Object(await answer.json()), 'link'))
}

async function enter(chromium: Browser, link: string): Promise<Entered> {
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(link)
  await page.getByLabel('Name').fill('Ann')
  await page.getByLabel('Password', { exact: true }).fill('umbrella seven trombone')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/tokens')
  await page.close()
  return { origin: new URL(link).origin, context }
}

async function firstPaints({ origin, context }: Entered): Promise<readonly Row[]> {
  const painted: number[] = []
  const listed: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const page = await context.newPage()
    const line = await context.newCDPSession(page)
    await line.send('Network.enable')
    await line.send('Network.setCacheDisabled', { cacheDisabled: true })
    await line.send('Network.emulateNetworkConditions', SLOW_LINE)
    await page.goto(`${origin}/tokens`, { waitUntil: 'commit' })
    await page.locator('tbody tr').first().waitFor({ timeout: 60_000 })
    listed.push(Number(await page.evaluate('performance.now()')))
    const [paint] = await page.evaluate<number[]>(
      `performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime)`,
    )
    painted.push(paint ?? Number.NaN)
    await page.close()
  }
  return [row('slow line: first paint', painted), row('slow line: the list is there', listed)]
}

interface Interaction {
  readonly name: string
  /** What has to be there before it in a page that has done it already; absent: as the first time. */
  readonly again?: (page: Page) => Promise<void>
  /** Expressions in the page. */
  readonly act: string
  readonly isDone: string
  /** What has to be there before it. */
  readonly before: (page: Page, origin: string) => Promise<void>
}

async function interactions({ origin, context }: Entered): Promise<readonly Row[]> {
  const page = await context.newPage()
  const rows: Row[] = []
  for (const interaction of INTERACTIONS) {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await interaction.before(page, origin)
      times.push(await untilPaint(page, interaction))
    }
    const name = `${tokenCount.toLocaleString('en')} tokens: ${interaction.name}`
    rows.push({ ...row(`${name}, first in a page just loaded`, times), goalMax: ANSWERED_MS_MAX })
    if (interaction.again === undefined) continue
    const later: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await interaction.again(page)
      later.push(await untilPaint(page, interaction))
    }
    rows.push({ ...row(`${name}, again`, later), goalMax: ANSWERED_MS_MAX })
  }
  return rows
}

/** Acts, and gives the milliseconds until the frame after the one that first shows what is awaited. */
function untilPaint(page: Page, { act, isDone }: Interaction): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const frame = () => new Promise(requestAnimationFrame)
    const button = (name) => [...document.querySelectorAll('button')]
      .find(({ textContent }) => textContent.trim() === name)
    const began = performance.now()
    ${act}
    do await frame(); while (!(${isDone}))
    await frame()
    return performance.now() - began
  })()`)
}

/** Loaded, and half a second without requests: nobody acts in the frame that shows the list. */
async function showList(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/tokens`)
  await page.locator('tbody tr').nth(20).waitFor()
  await page.waitForLoadState('networkidle')
}

/** As people do: the pointer has come to rest on a token's name when it is clicked. */
async function pointAtToken(page: Page, origin: string): Promise<void> {
  await showList(page, origin)
  const link = page.locator('.main-link').first()
  const id = (await link.getAttribute('href'))?.split('/')[2] ?? ''
  const fetched = page.waitForResponse((answer) => answer.url().endsWith(`/v1/tokens/${id}`))
  await link.hover()
  await (await fetched).finished()
}

/** The same, in a page that has shown a token already. */
async function backToList(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Tokens', exact: true }).first().click()
  await page.locator('.main-link').first().hover()
}

/** Each round adds another domain to the second token, or takes it away again. */
async function changeLists(page: Page, origin: string): Promise<void> {
  await showList(page, origin)
  await page.locator('.main-link').nth(1).click()
  await page.getByLabel('Add domains').waitFor()
  const added = page.getByRole('button', { name: 'Remove added.example.org' })
  if ((await added.count()) > 0) await added.click()
  else {
    await page.getByLabel('Add domains').fill('added.example.org')
    await page.keyboard.press('Enter')
  }
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor()
}

const SEARCHED = `shop ${tokenCount - 1}`

const INTERACTIONS: readonly Interaction[] = [
  {
    name: 'the next page',
    before: showList,
    act: `const first = document.querySelector('.main-link').textContent
      button('Next page').click()`,
    isDone: `![first, undefined].includes(document.querySelector('.main-link')?.textContent)`,
    again: async (page) => page.getByRole('button', { name: 'Next page' }).waitFor(),
  },
  {
    name: 'a search by name, typed at once',
    before: showList,
    act: `const box = document.querySelector('input[placeholder="Search by name"]')
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, '${SEARCHED}')
      box.dispatchEvent(new Event('input', { bubbles: true }))`,
    isDone: `document.querySelectorAll('tbody .main-link').length === 1`,
  },
  {
    name: 'opening a token',
    before: pointAtToken,
    act: `document.querySelector('.main-link').click()`,
    isDone: `document.querySelectorAll('textarea').length >= 2`,
    again: backToList,
  },
  {
    name: 'saving its lists',
    before: changeLists,
    act: `button('Save').click()`,
    isDone: `document.body.textContent.includes('Saved. The next request')`,
  },
]

function row(name: string, times: readonly number[]): Row {
  const { median: figure, spread } = middle(times)
  return { benchmark: 'console', name, figure, unit: 'ms', spread }
}

const folder = mkdtempSync(join(tmpdir(), 'keyfence-console-'))
const browser = await startChromium()
try {
  await fillStore(folder, tokenCount)
  // Nothing has to listen there: no request is passed on.
  const node = await serveNode(folder, 9)
  try {
    const entered = await enter(browser, await setUpLink(node.managementUrl))
    report([...(await firstPaints(entered)), ...(await interactions(entered))])
  } finally {
    await node.stop()
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
