/** docs/reliability.md names every fault, and tests that are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const PACKAGE = join(import.meta.dirname, '..')
const page = readFileSync(join(PACKAGE, '../../docs/reliability.md'), 'utf8')
// Behind the first table stands what a run has seen, in rows of the same names.
const [promises = ''] = page.split('<!-- made by')
const rows = promises.split('\n').filter((line) => /^\| F\d+ /.test(line))
const testsNamed = (row: string) => [
  ...row.matchAll(/`((?:\.\.\/guard\/)?(?:src|test|simulation)\/[^`]+\.ts)`/g),
]

test('it has a row for each of the 28 faults, in their order', () => {
  const faults = rows.map((row) => /^\| (F\d+) /.exec(row)?.[1])
  expect(faults).toEqual(Array.from({ length: 28 }, (_, at) => `F${at + 1}`))
})

test.each(rows)('%s', (row) => {
  const files = testsNamed(row).map((match) => match[1] ?? '')
  expect(files.filter((file) => !existsSync(join(PACKAGE, file)))).toEqual([])
  // What no test shows is said: it waits for something, cannot apply, or is done by hand.
  if (files.length === 0) expect(row).toMatch(/not yet|cannot apply|by hand/)
})

const faultTests = ['crash', 'faults'].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((name) => name.endsWith('.test.ts') && name !== 'tcp-relay.test.ts')
    .map((name) => `${folder}/${name}`),
)

test.each(faultTests)('%s is named in the rows of the faults that it names', (name) => {
  const [heading = ''] = readFileSync(join(import.meta.dirname, name), 'utf8').split('\n')
  const faults = [...heading.matchAll(/\bF\d+\b/g)].map(([fault]) => fault)
  expect(faults.length).toBeGreaterThan(0)
  for (const fault of faults) {
    const row = rows.find((line) => line.startsWith(`| ${fault} `))
    expect(row).toContain(`test/${name}`)
  }
})
