/** The whole way by keyboard alone, in a window of 360 pixels: nothing is pressed that is not reached. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manage, send } from '../running-keyfence.ts'
import { PASSWORD, type RunningConsole, startConsole } from './running-console.ts'
import { holdReads, openPage } from './console-page.ts'

let running: RunningConsole
let page: Page

beforeAll(async () => {
  running = await startConsole(['--trusted-proxies=127.0.0.1'])
  const viewport = { width: 360, height: 740 }
  ;({ page } = await openPage(running.browser, running.origin, { viewport }))
  await page.goto(`${running.origin}/tokens`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

afterAll(() => running.close())

interface Focused {
  readonly tag: string
  readonly name: string
  readonly isSeen: boolean
}

/** What has the keyboard, and whether the person can see that it has. */
async function focused(): Promise<Focused> {
  return page.evaluate(`(() => {
    const element = document.activeElement
    if (element === document.body) return { tag: 'BODY', name: '', isSeen: false }
    const { tagName, labels } = element
    const box = element.getBoundingClientRect()
    const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    const name = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent
    return { tag: tagName, name: name.trim(), isSeen: isInside && element.matches(':focus, :focus-within') }
  })()`)
}

/** After each step: something of the page has the keyboard, within the window. */
async function expectKept(after: string): Promise<Focused> {
  let now = await focused()
  const look = async () => ({ after, ...(now = await focused()) })
  // A button that waits for its answer lets go of the keyboard, and gets it back.
  await expect.poll(look, { timeout: 15_000 }).toMatchObject({ isSeen: true })
  return now
}

async function press(key: string): Promise<Focused> {
  await page.keyboard.press(key)
  return expectKept(key)
}

const STEPS_MAX = 80

/** Goes on by Tab until the control of this name has the keyboard. */
async function reach(name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = []
  for (let step = 0; step < STEPS_MAX; step++) {
    await page.keyboard.press(key)
    const { name: at, isSeen } = await focused()
    // Past the last control the browser's own have their turn; a note that comes slides in.
    if (at !== '' && !isSeen) await expectKept(`${key} to ${at}`)
    passed.push(at)
    if (typeof name === 'string' ? at === name : name.test(at)) return
  }
  throw new Error(`${String(name)} is not reached: ${passed.join(' | ')}`)
}

async function activate(name: string | RegExp, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await reach(name)
  await page.keyboard.press(key)
}

async function activateBack(name: string): Promise<void> {
  await reach(name, 'Shift+Tab')
  await page.keyboard.press('Enter')
}

async function type(name: string | RegExp, text: string): Promise<void> {
  await reach(name)
  await page.keyboard.insertText(text)
}

describe('by keyboard alone', () => {
  let secret: string
  let id: string

  test('somebody signs in, and is told the page that they are on', async () => {
    await type('Name', 'Ann')
    await type('Password', PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor()
    expect(await expectKept('sign-in')).toMatchObject({ tag: 'H1', name: 'Tokens' })
  })

  test('makes a token with both lists: of a paste, what fits is taken and the rest is named', async () => {
    await activate('New token')
    await page.getByRole('heading', { level: 1, name: 'New token' }).waitFor()
    await expectKept('New token')
    await type(/^Name/, 'Shop')
    await type(/^Owner/, 'acme')
    await reach(/^In a browser/)
    await press('Space')
    await press('ArrowRight')
    await press('ArrowRight')
    expect(await page.getByRole('radio', { name: /^Both/ }).isChecked()).toBe(true)
    await page.getByLabel('Add domains').waitFor()
    await type('Add domains', PASTED)
    await page.getByText('At most 5 fit').first().waitFor()
    await activate('Add 5')
    expect(await expectKept('Add 5')).toMatchObject({ name: 'Add domains' })
    const left = await page.getByLabel('Add domains').inputValue()
    expect(left.split('\n')).toHaveLength(15)
    expect(left).toContain('https://1.2.3.4/x')
    await press('ControlOrMeta+a')
    await press('Delete')
    await type('Add addresses', '52.1.2.3')
    await press('Enter')
    await activate('Create token')
    await page.getByTestId('secret').waitFor()
    secret = (await page.getByTestId('secret').textContent()) ?? ''
    await expectKept('Create token')
  })

  test('leaves the secret only when asked twice; the question gives the keyboard back', async () => {
    await activate('Go to access control')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await expectKept('Escape')).toMatchObject({ name: 'Go to access control' })
    await press('Enter')
    await activate('Leave')
    await page.waitForURL('**/access')
    id = /tok_[^/]+/.exec(page.url())?.[0] ?? ''
    await page.getByRole('heading', { level: 1, name: 'Shop' }).waitFor()
    await expectKept('Leave')
  })

  test('labels and removes an entry, saves, and takes it back', async () => {
    await activate(/^Add a label, label of one\.example\.org/)
    await page.keyboard.insertText('web')
    expect((await press('Enter')).name).toBe('web, label of one.example.org')
    await activate('Remove two.example.org')
    await expectKept('Remove')
    await activate('Save')
    await page.getByText('Saved. The next request').waitFor()
    await expectKept('Save')
    await activate('Undo')
    await page
      .getByRole('list', { name: /Front end/ })
      .getByText('two.example.org', { exact: true })
      .waitFor()
    await expectKept('Undo')
  })

  test('tries a request', async () => {
    await type('Page', 'evil.example')
    await press('Enter')
    await page.getByText('HTTP 403').waitFor()
    await expectKept('Try')
  })

  test('allows a refused address', async () => {
    const headers = { Authorization: `Bearer ${secret}`, 'X-Forwarded-For': '9.9.9.9' }
    expect((await send(running.keyfence().url, { headers })).status).toBe(403)
    await activateBack('Activity')
    await page.getByText('9.9.9.9').waitFor()
    await activate('Allow this address')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await expectKept('Escape')).toMatchObject({ name: 'Allow this address' })
    await press('Enter')
    await page.getByRole('dialog').waitFor()
    await press('Enter')
    await page.getByText('is allowed: its next call passes').waitFor()
    await expectKept('Allow')
    expect((await send(running.keyfence().url, { headers })).status).toBe(200)
  })

  test('rotates, however late the token is read again', async () => {
    await activateBack('Settings')
    const release = await holdReads(page, `**/v1/tokens/${id}`)
    await activate('Rotate')
    await page.getByTestId('secret').waitFor()
    await activate('Close without copying')
    await page.getByTestId('secret').waitFor({ state: 'hidden' })
    expect(await expectKept('Close')).toMatchObject({ name: 'Rotate' })
    await page.getByText('The old secret still works').waitFor()
    release()
  })

  test('revokes', async () => {
    await activate('Revoke…')
    await expect.poll(focused).toMatchObject({ name: 'Type Shop to confirm' })
    await page.keyboard.insertText('Shop')
    await page.keyboard.press('Enter')
    await page.getByText('revoked for good').first().waitFor()
    await expectKept('Revoke for good')
    const revoked: unknown = (await manage(running.keyfence(), `GET /v1/tokens/${id}`)).body
    expect(revoked).toMatchObject({ status: 'revoked' })
  })
})

/** Twenty lines as somebody might have them: five fit, and each of the rest has its reason. */
const PASTED = [
  'one.example.org',
  'https://two.example.org/cart?x=1',
  'https://1.2.3.4/x',
  'THREE.example.org',
  'three.example.org',
  'com',
  '*.vercel.app',
  'ftp://files.example.org',
  'four.example.org:8443',
  'user@five.example.org',
  'localnet',
  'five.example.org.',
  ...Array.from({ length: 8 }, (_, at) => `more-${at}.example.org`),
].join('\n')
