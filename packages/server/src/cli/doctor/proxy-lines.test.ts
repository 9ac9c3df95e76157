import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CHECK_PROFILE_NAMES } from '../../config/config.ts'
import { proxyLines } from './proxy-lines.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../../examples')
const PROXIES = CHECK_PROFILE_NAMES.filter((name) => name !== 'plain')

function exampleText(name: string): string {
  const folder = join(EXAMPLES, name)
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
    .toLowerCase()
    .replaceAll(/ +/g, ' ')
}

/** What stands in backticks and is not to be taken out. */
function linesToAdd(remedy: string): string[] {
  return remedy
    .split(/[;,] (?=in )|\. /)
    .filter((clause) => !/take out|take .* out/i.test(clause))
    .flatMap((clause) => [...clause.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''))
}

describe.each(PROXIES)('the lines for %s', (name) => {
  const { address, path, field, refusal, preflight } = proxyLines(name)
  const fields = ['origin', 'referer', 'sec-fetch-site', 'authorization', 'x-api-key'].map(field)

  test('stand in its example', () => {
    const text = exampleText(name)
    const lines = [address, path, refusal, preflight, ...fields].flatMap(linesToAdd)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.filter((line) => !text.includes(line.toLowerCase()))).toEqual([])
  })

  test('name a place, and the field that is missing', () => {
    for (const remedy of [address, path, refusal, preflight]) expect(remedy).toMatch(/\.$/)
    expect(field('origin')).toContain('origin')
  })
})

test('without a profile, or with plain, they are for any proxy', () => {
  expect(proxyLines(undefined)).toBe(proxyLines('plain'))
  expect(proxyLines(undefined).field('origin')).toBe('Let the proxy pass origin on.')
})
