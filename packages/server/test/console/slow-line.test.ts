/** A change whose answer is late or lost, or that meets another's: done once, and told as it is. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { manage, send } from '../running-keyfence.ts'
import { openPage } from './console-page.ts'
import { issueToken, PASSWORD, type RunningConsole, startConsole } from './running-console.ts'
import { holdWrites, loseAnswerOnce, loseOnce, notice, problemAnswer, told } from './slow-line.ts'

let running: RunningConsole
/** One for all: each test loads its own path anew. */
let page: Page

beforeAll(async () => {
  running = await startConsole()
  ;({ page } = await running.open())
})

afterEach(() => page.unrouteAll({ behavior: 'ignoreErrors' }))
afterAll(() => running.close())

const go = (path: string) => page.goto(`${running.origin}${path}`)
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
const tabOf = (title: string) =>
  page.getByRole('navigation', { name: 'Pages of this token' }).getByRole('link', { name: title })
const nameField = (there = page) => there.getByRole('textbox', { name: 'Name', exact: true })

/** A busy machine is late. */
const SOON = { timeout: 15_000 }

/** Opens the settings of a new token. @returns its id */
async function atSettings(name: string): Promise<string> {
  const { id } = await issueToken(running.keyfence(), name)
  await go(`/tokens/${id}/settings`)
  return id
}

/** Opens the lists of a new token, and adds a domain. @returns its id */
async function atLists(name: string): Promise<string> {
  const { id } = await issueToken(running.keyfence(), name)
  await go(`/tokens/${id}/access`)
  await addDomain('one.example.org')
  return id
}

async function addDomain(domain: string): Promise<void> {
  await page.getByLabel('Add domains').fill(domain)
  await page.getByLabel('Add domains').press('Enter')
  const list = page.getByRole('list', { name: /Front end/ })
  await list.getByText(domain, { exact: true }).waitFor()
}

async function tokenNow(id: string): Promise<object> {
  return (await manage(running.keyfence(), `GET /v1/tokens/${id}`)).body
}

async function storedDomains(id: string): Promise<readonly unknown[]> {
  const { restrictions } = (await manage(running.keyfence(), `GET /v1/tokens/${id}`)).body
  return restrictions.domains.entries.map((entry) => Reflect.get(Object(entry), 'value'))
}

/** What the audit log has of a token, the newest first. */
async function actionsUpon(id: string): Promise<readonly unknown[]> {
  const { body } = await manage(running.keyfence(), `GET /v1/audit?target=${id}`)
  return itemsOf(body).map((entry) => Reflect.get(Object(entry), 'action'))
}

function itemsOf(body: object): readonly unknown[] {
  return Reflect.get(body, 'items')
}

describe('a setting', () => {
  test.each(['request', 'answer'] as const)(
    'changed while the %s of a rename is held: both are done, and nobody else is blamed',
    async (held) => {
      const id = await atSettings('Named')
      const { isHeld, release } = await holdWrites(page, `**/v1/tokens/${id}`, held)
      await nameField().fill('Renamed')
      await button('Rename').click()
      await isHeld
      await button('Disable').click()
      await notice(page, 'Disabled: every call gets 401.').waitFor()
      release()
      await notice(page, 'Renamed to Renamed.').waitFor()
      await button('Enable').waitFor()
      const done = new Set(['Disabled: every call gets 401.', 'Renamed to Renamed.'])
      expect((await told(page)).filter((text) => !done.has(text))).toEqual([])
      expect(await tokenNow(id)).toMatchObject({ name: 'Renamed', status: 'disabled' })
    },
  )

  test('whose answer is lost is told once as done, and done once', async () => {
    const id = await atSettings('Lost')
    await loseAnswerOnce(page, '**/disable')
    await button('Disable').click()
    await notice(page, 'Disabled: every call gets 401.').waitFor()
    expect(await told(page)).toEqual(['Disabled: every call gets 401.'])
    expect(await actionsUpon(id)).toEqual(['token.disable', 'token.create'])
  })

  test('taken back by a double click is taken back once', async () => {
    const id = await atSettings('Twice')
    await button('Disable').click()
    let sent = 0
    page.on('request', (request) => {
      if (request.url().endsWith(`${id}/enable`)) sent++
    })
    await button('Undo').dblclick()
    await notice(page, 'Taken back.').waitFor()
    expect(sent).toBe(1)
    expect(await told(page)).not.toContainEqual(expect.stringContaining('Somebody'))
    expect(await actionsUpon(id)).toEqual(['token.enable', 'token.disable', 'token.create'])
  })
})

describe('the lists', () => {
  const save = () => button('Save')
  const saved = () => notice(page, 'Saved.')
  const whatChanges = () => page.getByRole('list', { name: 'What changes', exact: true })
  const expectUnsaved = (text: string) =>
    expect.poll(() => whatChanges().textContent(), SOON).toBe(text)
  const somebodyElse = () => page.getByText('Somebody else changed this token.')

  test('are saved at once where somebody else changed nothing but the name', async () => {
    const id = await atLists('Renamed meanwhile')
    await manage(running.keyfence(), `PATCH /v1/tokens/${id}`, { name: 'Theirs' })
    await save().click()
    await saved().waitFor()
    expect(await storedDomains(id)).toEqual(['shop.example.com', 'one.example.org'])
  })

  test('edited while they are saved: what is new stays, and is not saved yet', async () => {
    const id = await atLists('Edited meanwhile')
    const { isHeld, release } = await holdWrites(page, '**/restrictions')
    await save().click()
    await isHeld
    await addDomain('two.example.org')
    release()
    await saved().waitFor()
    await expectUnsaved('+Added: two.example.org')
    expect(await somebodyElse().count()).toBe(0)
    expect(await storedDomains(id)).toEqual(['shop.example.com', 'one.example.org'])
  })

  test('stay as they are where an answer comes that is older than they', async () => {
    const id = await atLists('Late answer')
    const { isHeld, release } = await holdWrites(page, `**/v1/tokens/${id}`, 'answer')
    await button('Report only').click()
    await isHeld
    await save().click()
    await saved().waitFor()
    await addDomain('two.example.org')
    release()
    await notice(page, 'Refusals are recorded and let through.').waitFor()
    await button('Enforce').waitFor()
    await expectUnsaved('+Added: two.example.org')
    expect(await somebodyElse().count()).toBe(0)
  })

  test('sent again are what was shown when Save was pressed', async () => {
    const id = await atLists('Sent again')
    const { isHeld, release } = await holdWrites(page, '**/restrictions')
    await loseOnce(page, '**/restrictions')
    await save().click()
    await page.getByText('The server does not answer').waitFor()
    await addDomain('two.example.org')
    await isHeld
    release()
    await saved().waitFor()
    await expectUnsaved('+Added: two.example.org')
    expect(await storedDomains(id)).toEqual(['shop.example.com', 'one.example.org'])
  })

  test('taken back keep what was edited since', async () => {
    const id = await atLists('Taken back')
    await save().click()
    // Pointed at, it stays.
    await saved().hover()
    await addDomain('two.example.org')
    await button('Undo').click()
    await expect.poll(() => storedDomains(id), SOON).toEqual(['shop.example.com'])
    await expectUnsaved('+Added: two.example.org')
    expect(await somebodyElse().count()).toBe(0)
  })
})

/** Asks for the end of a token, and types its name. @returns the question */
async function askFor(end: 'Revoke' | 'Delete', name: string): Promise<Locator> {
  await button(`${end}…`).click()
  const dialog = page.getByRole('dialog', { name: `${end} this token?` })
  await dialog.getByRole('textbox').fill(name)
  return dialog
}

describe('the end of a token', () => {
  test('is asked about until it is answered, and anew the next time', async () => {
    await atSettings('Ending')
    const answer = Promise.withResolvers<void>()
    await page.route('**/revoke', async (route) => {
      await answer.promise
      await route.fulfill(problemAnswer(503, 'The store does not answer.'))
    })
    const dialog = await askFor('Revoke', 'Ending')
    await dialog.getByRole('textbox').press('Enter')
    await dialog.locator('button[data-loading]').waitFor()
    expect(await dialog.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
    answer.resolve()
    await notice(page, 'The store does not answer.').waitFor()
    expect(await dialog.isVisible()).toBe(true)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await button('Revoke…').click()
    expect(await dialog.getByRole('textbox').inputValue()).toBe('')
  })

  test('is told on the list, for whoever went there meanwhile', async () => {
    await issueToken(running.keyfence(), 'Revoked')
    await go('/tokens?name=Revoked')
    await page.getByRole('link', { name: 'Revoked', exact: true }).click()
    await tabOf('Settings').click()
    const { isHeld, release } = await holdWrites(page, '**/revoke')
    const dialog = await askFor('Revoke', 'Revoked')
    await dialog.getByRole('textbox').press('Enter')
    await isHeld
    await page.evaluate('history.go(-2)')
    await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor()
    release()
    await notice(page, 'Revoked for good.').waitFor()
  })

  test('that somebody else brought about leads to the list, whatever was typed', async () => {
    const id = await atSettings('Gone')
    await nameField().fill('Another name')
    await manage(running.keyfence(), `DELETE /v1/tokens/${id}`)
    const dialog = await askFor('Delete', 'Gone')
    await dialog.getByRole('textbox').press('Enter')
    await notice(page, 'Deleted Gone.').waitFor()
    await page.waitForURL('**/tokens')
    expect(await told(page)).toEqual(['Deleted Gone.'])
  })
})

/** Invites somebody. @returns the link that they come in by */
async function invite(name: string): Promise<string> {
  const guest = { name, role: 'admin' }
  return (await manage(running.keyfence(), 'POST /v1/administrators', guest)).body.link
}

describe('somebody else', () => {
  test('who signs in in another tab is not whom this tab writes as', async () => {
    const { id } = await issueToken(running.keyfence(), 'Two tabs')
    // A session of its own: it ends when somebody else signs in.
    const { page: first } = await openPage(running.browser, running.origin)
    await first.goto(`${running.origin}/tokens/${id}/settings`)
    await first.getByLabel('Name').fill('Ann')
    await first.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await first.keyboard.press('Enter')
    const rename = first.getByRole('button', { name: 'Rename' })
    await rename.waitFor()
    await nameField(first).fill('Of Ann')
    const second = await first.context().newPage()
    await second.goto(await invite('Bea'))
    await second.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await second.keyboard.press('Enter')
    await second.waitForURL('**/tokens')
    await rename.click()
    await notice(first, 'Somebody else is signed in in this browser now.').waitFor()
    expect(await actionsUpon(id)).toEqual(['token.create'])
    await first.context().close()
  })

  test('is to change what one may do oneself', async () => {
    const link = new URL(await invite('Carl')).hash.slice(1)
    await send(`${running.origin}/v1/session/link`, {
      method: 'POST',
      headers: { Origin: running.origin, 'Content-Type': 'application/json' },
      body: JSON.stringify({ link, password: PASSWORD }),
    })
    await go('/people')
    expect(await page.getByLabel('Role of Carl').isDisabled()).toBe(false)
    expect(await page.getByLabel('Role of Ann').isDisabled()).toBe(true)
  })
})

describe('many tokens', () => {
  const ids = new Map<string, string>()

  beforeAll(async () => {
    const off = { enabled: false, entries: [] }
    for (let made = 0; made < 30; made++) {
      const draft = {
        name: `Many ${made}`,
        owner: 'many',
        restrictions: { domains: off, ips: off },
      }
      const { id } = (await manage(running.keyfence(), 'POST /v1/tokens', draft)).body
      ids.set(draft.name, id)
    }
  })

  test.each([
    {
      where: 'the next page',
      picked: ['Many 0', 'Many 1'],
      leave: () => button('Next page').click(),
      until: () => page.getByRole('link', { name: 'Many 29', exact: true }).waitFor(),
    },
    {
      where: 'another page',
      picked: ['Many 2', 'Many 3'],
      leave: () => page.getByRole('link', { name: 'Overview', exact: true }).click(),
      until: () => page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(),
    },
  ])('disabled: on $where too, one that was revoked meanwhile is named', async (row) => {
    const [first = '', second = ''] = row.picked
    await go('/tokens?owner=many')
    for (const name of row.picked) await page.getByLabel(`Pick ${name}`, { exact: true }).check()
    await manage(running.keyfence(), `POST /v1/tokens/${ids.get(second)}/revoke`, {})
    const { isHeld, release } = await holdWrites(page, `**/${ids.get(first)}/disable`)
    await button('Disable').click()
    await isHeld
    await row.leave()
    await row.until()
    release()
    await notice(page, `${second}: `).waitFor()
    await notice(page, '1 token disabled.').waitFor()
  })
})
