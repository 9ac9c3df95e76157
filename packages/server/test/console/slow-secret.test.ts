/** A secret whose answer is late or lost: asked about before it is left, and made once. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { manage } from '../running-keyfence.ts'
import { issueToken, type RunningConsole, startConsole } from './running-console.ts'
import { breakAnswerOnce, holdWrites, loseAnswerOnce } from './slow-line.ts'

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
const button = (name: string) => page.getByRole('button', { name, exact: true })

/** Opens the settings of a new token. */
async function atSettings(name: string): Promise<void> {
  const { id } = await issueToken(running.keyfence(), name)
  await go(`/tokens/${id}/settings`)
}

/** Is asked this before a page is left, and stays. */
async function stay(question: string, text: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: question })
  await dialog.getByText(text).waitFor()
  await dialog.getByRole('button', { name: 'Stay' }).click()
}

interface Secret {
  readonly what: string
  readonly sentTo: string
  readonly ask: () => Promise<void>
  readonly question: string
}

const SECRETS: readonly Secret[] = [
  {
    what: 'of a rotation',
    sentTo: '**/rotate',
    ask: async () => {
      await atSettings('Rotated')
      await button('Rotate').click()
    },
    question: 'Leave before the secret is here?',
  },
  {
    what: 'of a new token',
    sentTo: '**/v1/tokens',
    ask: () => createToken('On its way', 'acme'),
    question: 'Leave without saving?',
  },
  {
    what: 'of a new key',
    sentTo: '**/v1/keys',
    ask: () => createKey('On its way'),
    question: 'Leave before the key is here?',
  },
]

async function createToken(name: string, owner: string): Promise<void> {
  await go('/tokens/new')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await page.getByLabel('Owner').fill(owner)
  await button('Create token').click()
}

async function createKey(name: string): Promise<void> {
  await go('/people')
  await page.getByLabel('Name of a new key').fill(name)
  await button('Create key').click()
}

test.each(SECRETS)(
  'the secret $what, on its way, is asked about',
  async ({ sentTo, ask, question }) => {
    const { isHeld, release } = await holdWrites(page, sentTo)
    await ask()
    await isHeld
    await page.getByRole('link', { name: 'Overview', exact: true }).click()
    await stay(question, 'is on its way')
    release()
    await page.getByTestId('secret').waitFor()
  },
)

test('a secret that the browser did not copy counts as not taken', async () => {
  await atSettings('Not copied')
  const tabs = page.getByRole('navigation', { name: 'Pages of this token' })
  for (const name of ['Activity', 'Settings']) await tabs.getByRole('link', { name }).click()
  await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("no"))')
  await button('Rotate').click()
  await button('Copy secret').click()
  await page.getByText('This browser did not let the page copy.').waitFor()
  await page.evaluate('history.back()')
  await stay('Leave without the secret?', 'It was not copied yet')
})

test('a key whose answer is lost is sent once, and said to be made perhaps', async () => {
  await loseAnswerOnce(page, '**/v1/keys')
  await createKey('Lost on the way')
  await page.getByText('The key may be made all the same.').waitFor()
  const { body } = await manage(running.keyfence(), 'GET /v1/keys?limit=200')
  const items: readonly unknown[] = Reflect.get(body, 'items')
  const names = items.map((key) => Reflect.get(Object(key), 'name'))
  expect(names.filter((name) => name === 'Lost on the way')).toHaveLength(1)
})

test('a token whose answer is lost twice is made once, with the end that it had', async () => {
  await breakAnswerOnce(page, '**/v1/tokens', 'Nobody is there.')
  await loseAnswerOnce(page, '**/v1/tokens')
  await createToken('Made once', 'once')
  await page.getByText('Nobody is there.').waitFor()
  await button('Create token').click()
  await page.getByText('its secret was shown already').waitFor()
  const { body } = await manage(running.keyfence(), 'GET /v1/tokens?owner=once')
  expect(Reflect.get(body, 'items')).toHaveLength(1)
})
