/** What a test of a fault promised, and saw (packages/server/test/faults/recorded-fault.ts). */
export interface SeenFault {
  readonly fault: string
  readonly done: string
  readonly promised: string
  readonly seen: string
}

const BEGIN = '<!-- made by: npm run faults -->'
const END = '<!-- until here -->'

/** The rows of a run: one line of JSON each. */
export function seenFaults(lines: string): readonly SeenFault[] {
  const rows = lines.split('\n').filter((line) => line !== '')
  return rows.map((line) => JSON.parse(line) as SeenFault) // written by the tests
}

/** The page with these rows in the place of those of an earlier run. @throws Error if it has no such place */
export function withFaultTable(page: string, rows: readonly SeenFault[]): string {
  const [before, rest] = page.split(BEGIN)
  const [, after] = rest?.split(END) ?? []
  if (before === undefined || after === undefined)
    throw new Error(`The page lacks ${BEGIN} … ${END}`)
  return `${before}${BEGIN}\n${tableOf(rows)}\n${END}${after}`
}

function tableOf(rows: readonly SeenFault[]): string {
  const sorted = rows.toSorted((one, other) => numberOf(one) - numberOf(other))
  const cells = sorted.map((row) => [row.fault, row.done, row.promised, row.seen])
  return [['fault', 'what was done', 'promised', 'seen'], ['---', '---', '---', '---'], ...cells]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n')
}

function numberOf({ fault }: SeenFault): number {
  return Number(fault.slice(1))
}
