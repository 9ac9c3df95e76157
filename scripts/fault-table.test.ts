import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seenFaults, withFaultTable } from './fault-table.ts'

const PAGE = join(import.meta.dirname, '../docs/reliability.md')
const row = (fault: string) => ({ fault, done: 'x | y', promised: 'p', seen: 's' })

test('the rows of a run take the place of those before, in the order of the faults', () => {
  const lines = ['F10', 'F2'].map((fault) => `${JSON.stringify(row(fault))}\n`).join('')
  const page = 'a\n<!-- made by: npm run faults -->\nold\n<!-- until here -->\nb\n'
  expect(withFaultTable(page, seenFaults(lines))).toBe(
    [
      'a',
      '<!-- made by: npm run faults -->',
      '| fault | what was done | promised | seen |',
      '| --- | --- | --- | --- |',
      String.raw`| F2 | x \| y | p | s |`,
      String.raw`| F10 | x \| y | p | s |`,
      '<!-- until here -->',
      'b\n',
    ].join('\n'),
  )
})

test.each(['a', 'a <!-- made by: npm run faults --> b'])(
  'a page without a place is refused: %s',
  (page) => {
    expect(() => withFaultTable(page, [])).toThrow('The page lacks')
  },
)

test('docs/reliability.md has the place, with a row for each fault that is brought about', () => {
  const page = readFileSync(PAGE, 'utf8')
  expect(withFaultTable(page, [row('F99')])).toContain('| F99 |')
  const [, table = ''] = /made by: npm run faults -->([^]*)<!-- until here/.exec(page) ?? []
  for (const fault of ['F1', 'F2', 'F3', 'F4', 'F5', 'F7', 'F12', 'F27', 'F28']) {
    expect(table).toContain(`| ${fault} |`)
  }
})
