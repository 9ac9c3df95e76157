/** Bad entries in the real page: what is typed, and the sentence that stands below it meanwhile. */
import { ENTRY_CODES, type EntryCode } from '@keyfence/core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage } from '../running-keyfence.ts'
import { type RunningConsole, startConsole } from './running-console.ts'

let strict: RunningConsole
let withRanges: RunningConsole
let page: Page
let pageWithRanges: Page

beforeAll(async () => {
  strict = await startConsole()
  withRanges = await startConsole(['--allow-ip-ranges'])
  page = await begun(strict)
  pageWithRanges = await begun(withRanges)
})

afterAll(async () => {
  await strict.close()
  await withRanges.close()
})

const ON = {
  domains: { enabled: true, entries: ['shop.example.com', 'a.com', 'b.com', 'c.com'] },
  ips: { enabled: true, entries: ['52.1.2.3'] },
}

async function begun(running: RunningConsole): Promise<Page> {
  const draft = { name: 'Typed', owner: 'acme', restrictions: ON }
  const { id } = (await manage(running.keyfence(), 'POST /v1/tokens', draft)).body
  const opened = await running.open()
  await opened.page.goto(`${running.origin}/tokens/${id}/access`)
  await opened.page.getByLabel('Add domains').waitFor()
  return opened.page
}

type Box = 'Add domains' | 'Add addresses'

const SYNTAX = 'This is not a domain name.'
const RANGE_CODES = ['ip_range_too_wide', 'ip_range_special']
const LONG = `${'a.'.repeat(124)}example`

interface Judged {
  readonly lines: readonly string[]
  /** Whether the button beside the box would take anything. */
  readonly canAdd: boolean
}

/** What stands below the box once it is about this text. */
async function typed(there: Page, box: Box, text: string): Promise<Judged> {
  const card = there.locator('section').filter({ has: there.getByLabel(box) })
  await card.getByLabel(box).fill(text)
  const lines = card.locator('.judged li')
  await lines.first().waitFor()
  const shown = (await lines.allTextContents()).map((line) => line.replaceAll(/\s+/g, ' ').trim())
  const canAdd = await card.getByRole('button', { name: /^Add( \d+)?$/ }).isEnabled()
  await card.getByLabel(box).fill('')
  await lines.first().waitFor({ state: 'detached' })
  return { lines: shown, canAdd }
}

/** Every code but `not_text` and `entry_empty`, which nobody can type. */
const REFUSED: readonly {
  readonly box: Box
  readonly text: string
  readonly code: EntryCode
  readonly says: string
}[] = [
  { box: 'Add domains', text: 'shop..example.com', code: 'domain_syntax', says: SYNTAX },
  { box: 'Add domains', text: '8.8.8.8', code: 'domain_is_ip', says: 'This is an IP address.' },
  { box: 'Add domains', text: 'ftp://a.com', code: 'domain_scheme', says: 'Only web pages have' },
  { box: 'Add domains', text: 'ann@a.com', code: 'domain_user_info', says: 'what follows the @' },
  { box: 'Add domains', text: 'com', code: 'domain_single_label', says: 'at least two parts' },
  {
    box: 'Add domains',
    text: 'vercel.app',
    code: 'domain_public_suffix',
    says: 'Anybody can have',
  },
  { box: 'Add domains', text: 'a.*.d.com', code: 'domain_wildcard', says: 'one "*." in front' },
  { box: 'Add domains', text: LONG, code: 'domain_too_long', says: 'at most 253 characters' },
  { box: 'Add domains', text: 'SHOP.example.com', code: 'entry_duplicate', says: 'listed already' },
  { box: 'Add addresses', text: '8.8.8', code: 'ip_syntax', says: 'This is not an IP address.' },
  { box: 'Add addresses', text: '8.8.8.8:443', code: 'ip_has_port', says: 'without its port' },
  { box: 'Add addresses', text: '192.168.0.1', code: 'ip_special', says: '(private use)' },
  { box: 'Add addresses', text: '203.0.113.7', code: 'ip_special', says: '(documentation)' },
  {
    box: 'Add addresses',
    text: '8.8.8.0/24',
    code: 'ip_range_not_allowed',
    says: 'Blocks are not',
  },
  {
    box: 'Add addresses',
    text: '::ffff:52.1.2.3',
    code: 'entry_duplicate',
    says: 'listed already',
  },
]

test.each(REFUSED)('$text is refused while it is typed: $code', async ({ box, text, says }) => {
  const { lines, canAdd } = await typed(page, box, text)
  expect(lines).toEqual([expect.stringContaining(says)])
  // What was typed stands before its sentence, so that a paste can be told apart.
  expect(lines[0]?.startsWith(text)).toBe(true)
  expect(canAdd).toBe(false)
})

test.each<{ text: string; code: EntryCode; says: string }>([
  { text: '0.0.0.0/0', code: 'ip_range_too_wide', says: 'This block is everybody.' },
  { text: '10.0.0.0/8', code: 'ip_range_special', says: '(private use)' },
])('$text is refused where blocks are allowed: $code', async ({ text, says }) => {
  const { lines, canAdd } = await typed(pageWithRanges, 'Add addresses', text)
  expect({ lines, canAdd }).toEqual({ lines: [expect.stringContaining(says)], canAdd: false })
})

test('of two that are pasted the first fits, and the second is one too many', async () => {
  const { lines, canAdd } = await typed(page, 'Add domains', 'd.com e.com')
  expect(lines).toEqual(['d.com', 'e.com At most 5 fit. Remove one first.'])
  expect(canAdd).toBe(true)
})

test.each<{ box: Box; text: string; shown: string; because: string }>([
  { box: 'Add domains', text: 'd.com', shown: 'd.com', because: 'as it is saved' },
  { box: 'Add domains', text: 'D.com.', shown: 'Saved as d.com', because: 'case, trailing dot' },
  {
    box: 'Add domains',
    text: 'https://Bücher.example:8443/x?y',
    shown: 'Saved as xn--bcher-kva.example',
    because: 'the host of a URL, in A-labels',
  },
  { box: 'Add domains', text: '*.d.com', shown: '*.d.com', because: 'a wildcard in front' },
  {
    box: 'Add domains',
    text: 'localhost',
    shown: 'localhost Every computer has its own localhost.',
    because: 'taken, and what may surprise is said',
  },
  {
    box: 'Add addresses',
    text: '2606:4700:4700:0::1111',
    shown: 'Saved as 2606:4700:4700::1111',
    because: 'the canonical form',
  },
  { box: 'Add addresses', text: '::ffff:8.8.8.8', shown: 'Saved as 8.8.8.8', because: 'mapped' },
])('$text is shown as it will be saved: $because', async ({ box, text, shown }) => {
  expect(await typed(page, box, text)).toEqual({ lines: [shown], canAdd: true })
})

test('a block is shown with its host bits masked', async () => {
  const judged = await typed(pageWithRanges, 'Add addresses', '8.8.8.9/24')
  expect(judged).toEqual({ lines: ['Saved as 8.8.8.0/24'], canAdd: true })
})

test('what is entered before the rules are there is added by them, and not taken as it is', async () => {
  const { page: early } = await strict.open()
  const held = Promise.withResolvers<void>()
  await early.route('**/assets/domain-entry-*', async (route) => {
    await held.promise
    await route.continue()
  })
  await early.goto(page.url())
  const box = early.getByLabel('Add domains')
  await box.fill('SHOP.example.com d.com')
  await box.press('Enter')
  await early.getByText('Checking…').waitFor()
  expect(await early.getByRole('button', { name: 'Remove d.com' }).count()).toBe(0)
  held.resolve()
  await early.getByRole('button', { name: 'Remove d.com' }).waitFor()
  expect(await box.inputValue()).toBe('SHOP.example.com')
})

test('every code that can be typed has a row', () => {
  const elsewhere = ['not_text', 'entry_empty', 'entries_too_many', ...RANGE_CODES]
  const inTable = REFUSED.map(({ code }) => code)
  expect([...new Set([...inTable, ...elsewhere])].toSorted()).toEqual(ENTRY_CODES.toSorted())
})
