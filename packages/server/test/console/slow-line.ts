import type { Locator, Page, Route } from 'playwright-core'

/** What is held back on the way. */
export interface Held {
  /** Resolves once it is held. */
  readonly isHeld: Promise<void>
  readonly release: () => void
}

/** Holds what is written to this path until it is let go: on its way there, or the answer to it. */
export async function holdWrites(
  page: Page,
  path: string,
  held: 'request' | 'answer' = 'request',
): Promise<Held> {
  const { promise: isLetGo, resolve: release } = Promise.withResolvers<void>()
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>()
  await page.route(path, async (route) => {
    if (route.request().method() === 'GET') return route.fallback()
    const response = held === 'answer' ? await route.fetch() : undefined
    hold()
    await isLetGo
    return response === undefined ? route.continue() : route.fulfill({ response })
  })
  return { isHeld, release }
}

/** The next request to this path does not reach the server. */
export async function loseOnce(page: Page, path: string): Promise<void> {
  await page.route(path, (route) => route.abort(), { times: 1 })
}

/** What the next request to this path asks for is done, and nobody hears of it. */
export async function loseAnswerOnce(page: Page, path: string): Promise<void> {
  await page.route(path, (route) => doneAnd(route, () => route.abort()), { times: 1 })
}

/** The same, and something between answers in the server's place. */
export async function breakAnswerOnce(page: Page, path: string, detail: string): Promise<void> {
  const broken = problemAnswer(502, detail)
  await page.route(path, (route) => doneAnd(route, () => route.fulfill(broken)), { times: 1 })
}

async function doneAnd(route: Route, then: () => Promise<void>): Promise<void> {
  await route.fetch()
  await then()
}

/** An answer for {@link Route.fulfill}. */
export function problemAnswer(status: number, detail: string) {
  const body = JSON.stringify({ status, code: 'unknown', detail })
  return { status, contentType: 'application/problem+json', body }
}

/** The notice that says this. */
export function notice(page: Page, text: string): Locator {
  return page.locator(NOTICE).filter({ hasText: text })
}

/** What all notices say. */
export async function told(page: Page): Promise<readonly string[]> {
  const texts = await page.locator(NOTICE).allTextContents()
  return texts.map((text) => text.replace(/Undo$/, ''))
}

const NOTICE = '.mantine-Notification-root'
