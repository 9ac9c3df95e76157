/** One figure of a benchmark, as the table shows it. */
export interface Row {
  readonly benchmark: string
  readonly name: string
  /** A ratio for `×`: against what the name says, in the same round. */
  readonly figure: number
  readonly unit: Unit
  /** Another figure of the same thing, shown beside it. */
  readonly beside?: string
  /** (p75 − p25) / median of the figure; absent if it was measured once. */
  readonly spread?: number
  /** The most that the figure may be; absent if nothing was promised. */
  readonly goalMax?: number
}

export type Unit = '×' | 'µs' | 'ms' | 'B' | 'MB' | '/s'

/**
 * Prints the rows as a table and, where another benchmark or the runner has started this process,
 * hands them on to it.
 */
export function report(rows: readonly Row[]): void {
  console.log(`\n${rowsTable(rows)}\n`)
  process.send?.(rows)
}

/** Rows as a table for the terminal and for README.md. */
export function rowsTable(rows: readonly Row[]): string {
  const lines = [TITLES, TITLES.map(() => '---'), ...rows.map(cellsOf)]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A figure with three digits that mean something. */
export function figureText(figure: number, unit: Unit): string {
  const decimals = unit === '×' ? 2 : Math.max(0, 3 - Math.max(1, digitsOf(figure)))
  const text = figure.toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return unit === '×' ? text : `${text} ${unit}`
}

/** How many there are before the point. */
function digitsOf(figure: number): number {
  return Math.floor(figure).toString().length
}

const TITLES = ['benchmark', 'row', 'measured', 'spread', 'goal', 'met?']

function cellsOf({ benchmark, name, figure, unit, beside, spread, goalMax }: Row): string[] {
  return [
    benchmark,
    name,
    beside === undefined ? figureText(figure, unit) : `${figureText(figure, unit)} (${beside})`,
    spread === undefined ? '' : `±${(spread * 100).toFixed(0)} %`,
    goalMax === undefined ? '' : `≤ ${figureText(goalMax, unit)}`,
    verdict(figure, goalMax),
  ]
}

function verdict(figure: number, goalMax: number | undefined): string {
  if (goalMax === undefined) return 'no goal'
  return figure <= goalMax ? 'met' : 'missed'
}
