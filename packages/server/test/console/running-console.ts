import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { manage, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'
import { type ConsolePage, openPage, startChromium } from './console-page.ts'

export const PASSWORD = 'umbrella seven trombone'

/** A node with its first administrator, Ann, and a browser beside it. */
export interface RunningConsole {
  readonly browser: Browser
  readonly origin: string
  /** The node as it runs now: {@link RunningConsole.restart} gives another. */
  keyfence(): RunningKeyfence
  /** Opens a page of its own, where Ann is signed in. */
  open(options?: BrowserContextOptions): Promise<ConsolePage>
  /** Ends the node as a crash does. */
  crash(): Promise<void>
  /** Starts it again, upon the same folder and port, if it is not running. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts both, with Ann set up by the link that the node prints. */
export async function startConsole(flags: readonly string[] = []): Promise<RunningConsole> {
  const browser = await startChromium()
  const first = await startKeyfence({ flags })
  let keyfence = first
  let isUp = true
  const { origin, hash } = new URL(linkIn(first.output()))
  const cookie = await setUp(origin, hash.slice(1))
  return {
    browser,
    origin,
    keyfence: () => keyfence,
    open: (options = {}) =>
      openPage(browser, origin, { storageState: stateOf(cookie), ...options }),
    crash: async () => {
      await keyfence.stop('SIGKILL')
      isUp = false
    },
    restart: async () => {
      if (isUp) return
      const managementPort = Number(new URL(origin).port)
      keyfence = await startKeyfence({ flags, folder: first.folder, managementPort })
      isUp = true
    },
    close: async () => {
      await browser.close()
      if (keyfence !== first) await keyfence.close()
      await first.close()
    },
  }
}

/** The link for the first administrator in what a node printed. */
export function linkIn(text: string): string {
  const link = /http:\/\/localhost:\d+\/link#\S+/.exec(text)?.[0]
  if (link === undefined) throw new Error(`no link in ${text}`)
  return link
}

/** Follows the link as its page does. @returns name and value of the session's cookie */
export async function setUp(origin: string, link: string): Promise<readonly string[]> {
  const answer = await send(`${origin}/v1/session/link`, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ link, name: 'Ann', password: PASSWORD }),
  })
  const [cookie] = answer.headers['set-cookie'] ?? []
  if (cookie === undefined) throw new Error(`no session: ${answer.body}`)
  return (cookie.split(';')[0] ?? '').split('=')
}

function stateOf([name = '', value = '']: readonly string[]) {
  const cookie = { name, value, domain: 'localhost', path: '/', expires: -1 }
  return {
    cookies: [{ ...cookie, httpOnly: true, secure: false, sameSite: 'Lax' as const }],
    origins: [],
  }
}

/** Signs in over the page, where its session has ended. */
export async function signInAgain(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.getByLabel('Name').fill('Ann')
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
}

/** Makes a token with both lists. @returns its id and secret */
export async function issueToken(
  keyfence: RunningKeyfence,
  name: string,
): Promise<{ readonly id: string; readonly secret: string }> {
  const restrictions = {
    domains: { enabled: true, entries: ['shop.example.com'] },
    ips: { enabled: true, entries: ['52.1.2.3'] },
  }
  const { id, secret } = (
    await manage(keyfence, 'POST /v1/tokens', { name, owner: 'acme', restrictions })
  ).body
  return { id, secret }
}
