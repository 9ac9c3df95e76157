/** Rows T52 and T59 of docs/threats.md: what the console does with text that others chose. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPage } from '../console/console-page.ts'
import { PASSWORD, type RunningConsole, startConsole } from '../console/running-console.ts'
import { manage, MANAGEMENT_KEY, send } from '../running-keyfence.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/keyfence.js')

let running: RunningConsole
let hostile: { readonly id: string; readonly secret: string }

beforeAll(async () => {
  running = await startConsole()
  hostile = await hostileToken()
})

afterAll(() => running.close())

describe('signing in leads to a page of ours', () => {
  test.each([
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    'https://evil.example/tokens',
    '/\t/evil.example',
    '\t//evil.example',
    '/\n/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '@evil.example',
    '.evil.example',
  ])('T52 not to %j', async (next) => {
    const { page, faults } = await openPage(running.browser, running.origin)
    await page.goto(`${running.origin}/sign-in?next=${encodeURIComponent(next)}`)
    await page.getByLabel('Name').fill('Ann')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/tokens')
    await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor()
    expect(new URL(page.url()).origin).toBe(running.origin)
    expect(faults).toEqual([])
    await page.context().close()
  })
})

const MARKUP = '<script>alert(1)</script><img src=x onerror=alert(2)>'
const FORMULA = '=HYPERLINK("https://evil.example","x")'
const BIDI = '\u202egnp.exe\u2066'

describe('text that others chose is only text', () => {
  test.each([
    { member: 'name', text: 'a\u001b[2Jb', because: 'an escape sequence' },
    { member: 'name', text: 'a\u0000b', because: 'NUL' },
    { member: 'name', text: 'a\r\nb', because: 'a line break' },
    { member: 'owner', text: MARKUP, because: 'markup' },
    { member: 'owner', text: FORMULA, because: 'a formula' },
    { member: 'owner', text: BIDI, because: 'a change of direction' },
  ])('T59 a $member with $because is refused', async ({ member, text }) => {
    const draft = { name: 'a', owner: 'b', [member]: text }
    expect((await manage(running.keyfence(), 'POST /v1/tokens', draft)).status).toBe(400)
  })

  test('T59 markup, formulas and directions are shown, and do nothing, on every page', async () => {
    const { id, secret } = hostile
    await hostileCalls(secret)
    const { page, faults } = await running.open()
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    for (const path of ['', `/${id}/access`, `/${id}/activity`, `/${id}/settings`]) {
      await page.goto(`${running.origin}/tokens${path}`, { waitUntil: 'networkidle' })
      await page.getByText(MARKUP).first().waitFor()
      expect(await grownElements(page)).toEqual([])
    }
    expect(dialogs).toEqual([])
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('T59 what is downloaded with a secret holds nothing that others chose', async () => {
    const { page } = await running.open()
    await page.goto(`${running.origin}/tokens/new`)
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`${FORMULA}\u202e${MARKUP}`)
    await page.getByLabel('Owner').fill('acme')
    await page.getByRole('button', { name: 'Create token' }).click()
    const loading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download as .env' }).click()
    const chunks: Buffer[] = []
    for await (const chunk of await (await loading).createReadStream()) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toMatch(/^API_TOKEN=kf_[0-9A-Za-z]{40}\n$/)
    await page.context().close()
  })

  test('T59 the export is JSON Lines: what is in it ends no line and begins no cell', () => {
    const lines = keyfence('export', '-', `--data=${running.keyfence().folder}`).trim().split('\n')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) {
      expect(line.startsWith('{"hash":"')).toBe(true)
      expect(() => JSON.parse(line)).not.toThrow()
    }
  })

  test('T59 tables and logs hold no control character and no change of direction', () => {
    const node = running.keyfence()
    const outside = ['--management-url', node.managementUrl]
    const shown = [keyfence('token', 'list', ...outside), keyfence('audit', ...outside), node.log()]
    for (const text of shown) expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(shown[0]).toContain('\\u{202e}')
  })
})

async function hostileToken(): Promise<{ readonly id: string; readonly secret: string }> {
  const entry = { value: 'shop.example.com', label: `${MARKUP} ${BIDI}` }
  const restrictions = {
    domains: { enabled: true, entries: [entry] },
    ips: { enabled: true, entries: [{ value: '52.1.2.3', label: FORMULA }] },
  }
  const draft = { name: `${BIDI} ${MARKUP} ${FORMULA}`, owner: 'acme', restrictions }
  return (await manage(running.keyfence(), 'POST /v1/tokens', draft)).body
}

/** Calls whose origin, referrer, path and user agent are chosen by somebody who wants in. */
async function hostileCalls(secret: string): Promise<void> {
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
  for (const field of ['Origin', 'Referer', 'User-Agent']) {
    for (const text of [MARKUP, FORMULA, `https://${MARKUP}`, latin1(BIDI)]) {
      const headers = { Authorization: `Bearer ${secret}`, [field]: text }
      const path = `/${encodeURIComponent(text)}?${encodeURIComponent(text)}`
      expect((await send(`${running.keyfence().url}${path}`, { headers })).status).toBe(403)
    }
  }
}

/** Elements of the page that only hostile text could have made. */
function grownElements(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('img, script:not([src]), iframe')]
    .map((element) => element.outerHTML)`)
}

function keyfence(...parameters: readonly string[]): string {
  const env = { PATH: process.env['PATH'], KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY }
  const run = spawnSync(process.execPath, [PROGRAM, ...parameters], { env, encoding: 'utf8' })
  expect(run.stderr).not.toContain('error')
  expect(run.status).toBe(0)
  return run.stdout
}
