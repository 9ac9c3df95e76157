import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPage, startChromium } from './console/console-page.ts'
import { send } from './running-keyfence.ts'

const PROGRAM = join(import.meta.dirname, '../bin/keyfence.js')

/** A line to paste, and what the line before it says will come back. */
interface PastedLine {
  readonly said: number
  readonly line: string
}

let demo: ChildProcess
let lines: readonly string[]

beforeAll(async () => {
  demo = spawn(process.execPath, [PROGRAM, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] })
  lines = await linesUntil(demo, 'Ctrl-C')
})

afterAll(() => {
  demo.kill('SIGKILL')
})

async function linesUntil(child: ChildProcess, end: string): Promise<readonly string[]> {
  const read: string[] = []
  if (child.stdout === null) throw new Error('no standard output')
  for await (const line of createInterface({ input: child.stdout })) {
    read.push(line)
    if (line.includes(end)) break
  }
  return read
}

/** A shell would read a line the same way: words, and words in single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

function requestOf(line: string): { url: string; headers: Record<string, string> } {
  const words = wordsOf(line)
  const headers: Record<string, string> = {}
  for (const [at, word] of words.entries()) {
    const [name = '', value = ''] = words[at + 1]?.split(/: (.*)/s) ?? []
    if (word === '-H') headers[name] = value
  }
  return { url: words.at(-1) ?? '', headers }
}

test('every line that it prints answers what it says', async () => {
  const pasted: PastedLine[] = lines.flatMap((line, at) =>
    /^\s*curl /.test(line)
      ? [{ said: Number.parseInt(lines[at - 1]?.trim() ?? '', 10), line }]
      : [],
  )
  for (const { said, line } of pasted) {
    const { url, headers } = requestOf(line)
    const answer = await send(url, { headers })
    expect({ line, status: answer.status }).toEqual({ line, status: said })
    if (said === 403) {
      expect(answer.body).toBe(
        '{"error":"Access denied. You don\'t have permission to access this."}',
      )
    }
  }
  expect(new Set(pasted.map(({ said }) => said))).toEqual(new Set([200, 403, 401]))
})

test('its second link opens what the owner of both tokens would see', async () => {
  const link = lines.flatMap((line) => /^Portal\s+(http\S+#\S+)/.exec(line)?.[1] ?? [])[0] ?? ''
  const browser = await startChromium()
  const { page, faults } = await openPage(browser, new URL(link).origin)
  await page.goto(link)
  await page.getByRole('link', { name: 'demo page' }).waitFor()
  expect(await page.getByRole('columnheader', { name: 'Owner' }).count()).toBe(0)
  expect(faults).toEqual([])
  await browser.close()
})

test('its link opens the console signed in, with both tokens in it, once', async () => {
  const link = lines.flatMap((line) => /http\S+#\S+/.exec(line) ?? [])[0] ?? ''
  const browser = await startChromium()
  const { page, faults } = await openPage(browser, new URL(link).origin)
  await page.goto(link)
  await page.getByRole('button', { name: 'Open' }).click()
  await page.getByRole('link', { name: 'demo page' }).waitFor()
  await page.getByRole('link', { name: 'demo server' }).waitFor()
  const other = await openPage(browser, new URL(link).origin)
  await other.page.goto(link)
  await other.page.getByText('This link does not work').waitFor()
  expect(faults).toEqual([])
  await browser.close()
})

test('Ctrl-C stops it cleanly and its data folder is gone', async () => {
  const folder = /--data (\S+)/.exec(lines.join('\n'))?.[1] ?? ''
  expect(existsSync(folder)).toBe(true)
  demo.kill('SIGINT')
  const [code] = await once(demo, 'exit')
  expect(code).toBe(0)
  expect(existsSync(folder)).toBe(false)
})
