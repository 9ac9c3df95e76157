import {
  ALLOW_REASONS,
  CALLER_REASONS,
  DENY_REASONS,
  ENTRY_CODES,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from '@keyfence/core'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROBLEM_CODES } from '../packages/server/src/api/problem-codes.ts'

const ROOT = join(import.meta.dirname, '..')
const CODES = join(ROOT, 'docs/codes')
const WARNING_CODES = ['domain_localhost', 'domain_lookalike', 'ip_temporary']

const codes = new Set<string>([
  ...ALLOW_REASONS,
  ...DENY_REASONS,
  ...TOKEN_REASONS,
  ...UNAVAILABLE_REASONS,
  ...CALLER_REASONS,
  ...ENTRY_CODES,
  ...WARNING_CODES,
  ...PROBLEM_CODES,
])

describe('docs/codes', () => {
  test('has a page for every code, and no other', () => {
    const pages = readdirSync(CODES).filter((name) => name !== 'README.md')
    expect(pages.sort()).toEqual([...codes].map((code) => `${code}.md`).sort())
  })

  test.each([...codes])('%s is named in its page and in the index', (code) => {
    const page = readFileSync(join(CODES, `${code}.md`), 'utf8')
    expect(page.startsWith(`# \`${code}\``) || page.startsWith(`# ${code}`)).toBe(true)
    expect(page).toContain('## What to do')
    expect(readFileSync(join(CODES, 'README.md'), 'utf8')).toContain(`](${code}.md)`)
  })
})

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'].map((name) =>
    join(ROOT, name),
  ),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(ROOT, 'docs', name)),
]

describe('links between pages', () => {
  test.each(pages)('%s leads nowhere that is not there', (page) => {
    const text = readFileSync(page, 'utf8')
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      (match) => match[1] ?? '',
    )
    const missing = targets
      .filter((target) => !target.includes('://'))
      .filter((target) => !existsSync(join(dirname(page), target)))
    expect(missing).toEqual([])
  })
})

describe('examples/README.md', () => {
  const text = readFileSync(join(ROOT, 'examples/README.md'), 'utf8')
  const commands = [...text.matchAll(/^\| \[.*`([^`]+)`\s*\|$/gm)].map((match) => match[1] ?? '')

  test('has a command for each, with the Node of the checkout', () => {
    expect(commands).toHaveLength(5)
    for (const command of commands) expect(command).toMatch(/\bnpx (vitest run|node) /)
  })

  test.each(commands)('%s names what is there', (command) => {
    const [file = ''] = /\S+\.ts\b/.exec(command) ?? []
    expect(existsSync(join(ROOT, file))).toBe(true)
  })
})

describe('the honest sentences', () => {
  test.each([
    'cannot stop\na program that forges an Origin',
    'The strong form is a server token with an address list',
    '`capacitor://`, `chrome-extension://`, `file:`',
  ])('README.md says: %s', (sentence) => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(sentence)
  })
})

describe('docs/threats.md', () => {
  const rows = readFileSync(join(ROOT, 'docs/threats.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| T\d+ /.test(line))

  test('has every row but the one about the age of Node (T49)', () => {
    const numbers = rows.map((row) => Number(/^\| T(\d+)/.exec(row)?.[1]))
    const expected = Array.from({ length: 59 }, (_, at) => at + 1).filter((t) => t !== 49)
    expect(numbers).toEqual(expected)
  })

  test.each(rows)('%s names tests that are there', (row) => {
    const t = /^\| (T\d+)/.exec(row)?.[1] ?? ''
    const files = [...row.matchAll(/`((?:server|core)\/[^`]+\.ts)`/g)].map(
      (match) => match[1] ?? '',
    )
    for (const file of files) expect(existsSync(join(ROOT, 'packages', file))).toBe(true)
    const labelled = files.filter((file) => /\/test\/(threats|examples\/threats)/.test(file))
    const isLabelled = labelled.every((file) =>
      new RegExp(`\\b${t}\\b`).test(readFileSync(join(ROOT, 'packages', file), 'utf8')),
    )
    expect({ t, isLabelled: labelled.length === 0 || isLabelled }).toEqual({ t, isLabelled: true })
  })
})

test('.ci/run can be executed', () => {
  expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).not.toBe(0)
})
