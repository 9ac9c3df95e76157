/** What somebody typed is kept: whoever else changes it, whatever ends, and wherever they go. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { manage } from '../running-keyfence.ts'
import { holdReads } from './console-page.ts'
import { issueToken, type RunningConsole, signInAgain, startConsole } from './running-console.ts'

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole()
})

afterEach(() => running.restart())
afterAll(() => running.close())

/** A page of its own, gone to from the page before it as a person does. */
async function at(path: string): Promise<Page> {
  const { page } = await running.open()
  const [, , id = 'list', tab] = path.split('/')
  const before = tab === undefined ? '/tokens' : `/tokens/${id}/activity`
  await page.goto(`${running.origin}${before}`)
  if (id !== 'list') await page.locator(`a[href="${path}"]`).first().click()
  await page.waitForURL(`**${path}`)
  return page
}

/** Whether the browser itself asks before the page is loaded again; the page stays. */
async function asksBeforeReload(page: Page): Promise<boolean> {
  const asked = new Promise<boolean>((resolve) => {
    page.once('dialog', (dialog) => {
      void dialog.dismiss().then(() => resolve(dialog.type() === 'beforeunload'))
    })
    page.once('load', () => resolve(false))
  })
  await page.evaluate('setTimeout(() => location.reload())')
  return asked
}

const storedEntries = async (id: string): Promise<readonly unknown[]> => {
  const { restrictions } = (await manage(running.keyfence(), `GET /v1/tokens/${id}`)).body
  return restrictions.domains.entries.map((entry) => Reflect.get(Object(entry), 'value'))
}

const addDomain = async (page: Page, domain: string): Promise<void> => {
  await page.getByLabel('Add domains').fill(domain)
  await page.getByLabel('Add domains').press('Enter')
  await row(page, domain).waitFor()
}

const row = (page: Page, value: string) =>
  page.getByRole('list', { name: /Front end/ }).getByText(value, { exact: true })

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })

interface Unsaved {
  readonly what: string
  readonly path: (id: string) => string
  readonly type: (page: Page) => Promise<void>
  readonly isThere: (page: Page) => Promise<boolean>
}

const UNSAVED: readonly Unsaved[] = [
  {
    what: 'an entry in a list',
    path: (id) => `/tokens/${id}/access`,
    type: (page) => addDomain(page, 'one.example.org'),
    isThere: (page) => row(page, 'one.example.org').isVisible(),
  },
  {
    what: 'an entry that is typed and not added',
    path: (id) => `/tokens/${id}/access`,
    type: (page) => page.getByLabel('Add domains').fill('typed.example.org'),
    isThere: async (page) =>
      (await page.getByLabel('Add domains').inputValue()) === 'typed.example.org',
  },
  {
    what: 'a new token',
    path: () => '/tokens/new',
    type: (page) => page.getByRole('textbox', { name: 'Name', exact: true }).fill('Half typed'),
    isThere: async (page) =>
      (await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()) ===
      'Half typed',
  },
  {
    what: 'another name',
    path: (id) => `/tokens/${id}/settings`,
    type: (page) => page.getByRole('textbox', { name: 'Name', exact: true }).fill('Half renamed'),
    isThere: async (page) =>
      (await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()) ===
      'Half renamed',
  },
  {
    what: 'another expiry',
    path: (id) => `/tokens/${id}/settings`,
    type: async (page) => {
      await page.getByLabel('Expires').selectOption('1 year')
    },
    isThere: async (page) => (await page.getByLabel('Expires').inputValue()) === '365',
  },
]

test.each(UNSAVED)('$what, not saved yet, is asked about', async ({ path, type, isThere }) => {
  const { id } = await issueToken(running.keyfence(), 'Kept')
  const page = await at(path(id))
  await type(page)
  for (const way of WAYS) {
    await stay(page, way, 'Leave without saving?')
    expect({ way, isThere: await isThere(page) }).toEqual({ way, isThere: true })
  }
  await page.context().close()
})

test('nothing is asked where nothing was typed', async () => {
  const { id } = await issueToken(running.keyfence(), 'Untouched')
  for (const path of ['/tokens/new', `/tokens/${id}/access`, `/tokens/${id}/settings`]) {
    const page = await at(path)
    expect(await asksBeforeReload(page)).toBe(false)
    await page.getByRole('link', { name: 'Tokens', exact: true }).first().click()
    await page.waitForURL('**/tokens')
    await page.context().close()
  }
})

test('an entry that is typed and not added is not left out of a new token in silence', async () => {
  const page = await at('/tokens/new')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Typed')
  await page.getByLabel('Owner').fill('acme')
  await page.getByRole('radio', { name: /In a browser/ }).check()
  await page.getByLabel('Add domains').fill('typed.example.org')
  await page.getByRole('button', { name: 'Create token' }).click()
  await page.getByRole('alert').getByText('typed.example.org').waitFor()
  await page.getByLabel('Add domains').press('Enter')
  await page.getByRole('button', { name: 'Create token' }).click()
  await page.getByTestId('secret').waitFor()
  await page.context().close()
})

describe('a session that ends', () => {
  test('while lists are edited: signed in over the page, they are saved', async () => {
    const { id } = await issueToken(running.keyfence(), 'Ended')
    const page = await at(`/tokens/${id}/access`)
    await addDomain(page, 'one.example.org')
    await page.context().clearCookies()
    // Under the dialog, if the page itself has asked something in the meantime.
    await save(page).dispatchEvent('click')
    await signInAgain(page)
    await page.getByText('Saved. The next request').waitFor()
    expect(await storedEntries(id)).toEqual(['shop.example.com', 'one.example.org'])
    await page.context().close()
  })

  test('while a new token is typed: signed in over the page, it is made, once', async () => {
    const page = await at('/tokens/new')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Made once')
    await page.getByLabel('Owner').fill('once')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Create token' }).click()
    await signInAgain(page)
    expect(await page.getByTestId('secret').textContent()).toMatch(/^kf_/)
    await page.goto(`${running.origin}/tokens?owner=once`).catch(() => undefined)
    await page.context().close()
  })

  test('while a name is typed: the refused guess keeps the form and the page', async () => {
    const { id } = await issueToken(running.keyfence(), 'Guessed')
    const page = await at(`/tokens/${id}/settings`)
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Renamed')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Rename' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Ann')
    await dialog.getByLabel('Password', { exact: true }).fill('not the password')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').waitFor()
    await signInAgain(page)
    await page.getByRole('heading', { level: 1, name: 'Renamed' }).waitFor()
    await page.context().close()
  })
})

describe('a server that is gone', () => {
  test('while lists are edited: said, tried again by itself, and saved when it is back', async () => {
    const { id } = await issueToken(running.keyfence(), 'Gone')
    const page = await at(`/tokens/${id}/access`)
    await addDomain(page, 'one.example.org')
    await running.crash()
    await save(page).click()
    await page.getByText('The server does not answer').waitFor()
    await page.getByText('It is tried again until it does').waitFor()
    expect(await row(page, 'one.example.org').isVisible()).toBe(true)
    await running.restart()
    await page.getByText('Saved. The next request').waitFor()
    expect(await storedEntries(id)).toEqual(['shop.example.com', 'one.example.org'])
    await page.context().close()
  })

  test('while a new token is typed: said, tried again by itself, and made when it is back', async () => {
    const page = await at('/tokens/new')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Gone too')
    await page.getByLabel('Owner').fill('acme')
    await running.crash()
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByText('The server does not answer').waitFor()
    await running.restart()
    expect(await page.getByTestId('secret').textContent()).toMatch(/^kf_/)
    await page.context().close()
  })

  test('while a page is read: the next page says so, and is there when the server is', async () => {
    const page = await at('/tokens')
    await page.getByRole('link', { name: 'Gone', exact: true }).waitFor()
    await running.crash()
    await page.getByRole('link', { name: 'Gone', exact: true }).click()
    await page.getByText('The server does not answer').waitFor()
    await running.restart()
    await page.getByRole('heading', { level: 1, name: 'Gone' }).waitFor()
    await page.context().close()
  })
})

test('a rotation whose answer is lost is sent again, and the token rotated once', async () => {
  const { id } = await issueToken(running.keyfence(), 'Lost answer')
  const page = await at(`/tokens/${id}/settings`)
  let sent = 0
  await page.route('**/rotate', async (route) => {
    sent++
    if (sent > 1) return route.continue()
    await route.fetch()
    return route.abort()
  })
  await page.getByRole('button', { name: 'Rotate' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rotated' })
  const release = await holdReads(page, `**/v1/tokens/${id}`)
  await dialog.getByText('was lost on the way').waitFor()
  expect(sent).toBe(2)
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  // Its version is not known yet, so that a rotation now would be refused.
  await page.locator('button[data-loading]', { hasText: 'Rotate' }).waitFor()
  release()
  await page.locator('button:focus', { hasText: 'Rotate' }).press('Enter')
  expect(await dialog.getByTestId('secret').textContent()).toMatch(/^kf_/)
  const { body } = await manage(
    running.keyfence(),
    `GET /v1/audit?target=${id}&action=token.rotate`,
  )
  expect(Reflect.get(body, 'items')).toHaveLength(2)
  await page.context().close()
})

test('a change that was answered is done, whether or not the token can be read again', async () => {
  const { id } = await issueToken(running.keyfence(), 'Not read again')
  const page = await at(`/tokens/${id}/settings`)
  await page.route(`**/v1/tokens/${id}`, (route) => route.abort())
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Disabled: every call gets 401.', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Enable' }).click()
  await page.getByText('Enabled: it works again.').waitFor()
  const { body } = await manage(running.keyfence(), `GET /v1/audit?target=${id}`)
  const actions: readonly unknown[] = Reflect.get(body, 'items')
  expect(actions.map((entry) => Reflect.get(Object(entry), 'action'))).toEqual([
    'token.enable',
    'token.disable',
    'token.create',
  ])
  await page.context().close()
})

describe('two administrators edit one token', () => {
  test('the second is told, sees the difference, and both changes are saved', async () => {
    const { id } = await issueToken(running.keyfence(), 'Shared')
    const [first, second] = [await at(`/tokens/${id}/access`), await at(`/tokens/${id}/access`)]
    await addDomain(first, 'first.example.org')
    await addDomain(second, 'second.example.org')
    await save(first).click()
    await first.getByText('Saved. The next request').waitFor()
    await save(second).click()
    await second.getByText('Somebody else changed this token.').waitFor()
    const theirs = second.getByRole('list', { name: 'What somebody else changed' })
    expect(await theirs.textContent()).toContain('first.example.org')
    const mine = second.getByRole('list', { name: 'What changes', exact: true })
    expect(await mine.textContent()).toBe('+Added: second.example.org')
    expect(await storedEntries(id)).toEqual(['shop.example.com', 'first.example.org'])
    await save(second).click()
    await second.getByText('Saved. The next request').waitFor()
    expect(await storedEntries(id)).toEqual([
      'shop.example.com',
      'first.example.org',
      'second.example.org',
    ])
    await first.context().close()
    await second.context().close()
  })

  test('the second to rename is told, and keeps what was typed', async () => {
    const { id } = await issueToken(running.keyfence(), 'Named')
    const page = await at(`/tokens/${id}/settings`)
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Mine')
    await manage(running.keyfence(), `PATCH /v1/tokens/${id}`, { name: 'Theirs' })
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('heading', { level: 1, name: 'Theirs' }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('Mine')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
    await page.context().close()
  })
})

describe('a secret that nobody copied yet', () => {
  test('of a new token is asked about', async () => {
    const page = await at('/tokens/new')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Secret')
    await page.getByLabel('Owner').fill('acme')
    await page.getByRole('button', { name: 'Create token' }).click()
    const secret = await page.getByTestId('secret').textContent()
    for (const way of WAYS) await stay(page, way, 'Leave without the secret?')
    expect(await page.getByTestId('secret').textContent()).toBe(secret)
    await page.context().close()
  })

  test('of a rotation is asked about, over the dialog that shows it', async () => {
    const { id } = await issueToken(running.keyfence(), 'Rotated')
    const page = await at(`/tokens/${id}/settings`)
    await page.getByRole('button', { name: 'Rotate' }).click()
    const secret = await page.getByTestId('secret').textContent()
    for (const way of ['back', 'reload'] as const) {
      await stay(page, way, 'Leave without the secret?')
    }
    expect(await page.getByTestId('secret').textContent()).toBe(secret)
    await page.context().close()
  })
})

const WAYS = ['link', 'back', 'reload'] as const

/** Tries to leave, is asked, and stays. */
async function stay(page: Page, way: (typeof WAYS)[number], question: string): Promise<void> {
  if (way === 'reload') {
    expect(await asksBeforeReload(page)).toBe(true)
    return
  }
  if (way === 'link') await page.locator('a[href="/tokens"]').first().click()
  else await page.evaluate('history.back()')
  const dialog = page.getByRole('dialog', { name: question })
  await dialog.getByRole('button', { name: 'Stay' }).click()
  await dialog.waitFor({ state: 'hidden' })
}
