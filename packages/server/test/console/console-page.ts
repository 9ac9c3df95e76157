import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts Debian's Chromium: nothing else may be downloaded.
 * @param hosts names that lead to this machine
 */
export function startChromium(hosts: readonly string[] = []): Promise<Browser> {
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',')
  const args = rules === '' ? FLAGS : [...FLAGS, `--host-resolver-rules=${rules}`]
  return chromium.launch({ executablePath: '/usr/bin/chromium', args })
}

/** A page of the console, and what it did that no page should. */
export interface ConsolePage {
  readonly page: Page
  /** Errors, refused styles and scripts, and requests to other hosts. */
  readonly faults: readonly string[]
}

/** Opens a page of its own, with nobody signed in. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    // An answer of 4xx is told there, too, and is what some of the steps are about.
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isAnswer) faults.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !url.startsWith('blob:')) faults.push(`asks ${url}`)
  })
  return { page, faults }
}

/** Holds back what is read at this path until it is let go; what is written passes. */
export async function holdReads(page: Page, path: string): Promise<() => void> {
  const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<undefined>()
  await page.route(path, async (route) => {
    if (route.request().method() === 'GET') await isLetGo
    await route.continue()
  })
  return () => letGo(undefined)
}

/** What is wrong with the page as it stands: for those who cannot see it, and by its width. */
export async function wrongWith(
  page: Page,
  rules: 'all' | 'colours' = 'all',
): Promise<readonly string[]> {
  // Its address changes before the page is there.
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  // Through the debugger, which the page's policy does not hold back; once a document.
  const isThere = await page.evaluate("'axe' in globalThis")
  if (isThere !== true) await page.evaluate(axe.source)
  const violations = await page.evaluate(async (looked) => {
    // `as`: the line before has put it there.
    const { axe: run } = globalThis as unknown as { axe: typeof axe }
    const result = await run.run(looked === 'all' ? {} : { runOnly: ['color-contrast'] })
    return result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`,
    )
  }, rules)
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  return [...violations, ...(overflow === 0 ? [] : [`${String(overflow)} pixels too wide`])]
}
