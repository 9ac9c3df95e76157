import { printable } from './printable.ts'

/** The widest that text for people is. */
export const TEXT_WIDTH_MAX = 100

/** One column of a table. */
export interface Column {
  readonly title: string
  /** Whether its cells may be cut to make the table fit; ids may not. */
  readonly mayShrink?: boolean
}

/** Rows under titles, aligned, at most 100 columns wide; what is cut ends in `…`. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))]
  const widths = fittingWidths(columns, lines)
  return lines
    .map((line) => {
      const cells = line.map((cell, at) => padded(cut(cell, widths[at] ?? 0), widths[at] ?? 0))
      return `${cells.join(GAP).trimEnd()}\n`
    })
    .join('')
}

/** Names and values below each other; a value may have several lines. */
export function factsText(
  facts: readonly (readonly [name: string, ...values: string[]])[],
): string {
  const width = Math.max(...facts.map(([name]) => name.length))
  return facts
    .flatMap(([name, ...values]) => {
      const lines = values.flatMap((value) => wrapped(printable(value), TEXT_WIDTH_MAX - width - 2))
      return lines.map((line, at) => `${(at === 0 ? name : '').padEnd(width)}${GAP}${line}\n`)
    })
    .join('')
}

/** How many columns a terminal gives a text. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) {
    if (!COMBINING.test(character)) width += WIDE.test(character) ? 2 : 1
  }
  return width
}

const GAP = '  '
const SHRUNK_WIDTH_MIN = 8
const COMBINING = /^\p{M}$/u
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]$/u

function fittingWidths(
  columns: readonly Column[],
  lines: readonly (readonly string[])[],
): readonly number[] {
  const widths = columns.map((_, at) =>
    lines.reduce((widest, line) => Math.max(widest, displayWidth(line[at] ?? '')), 0),
  )
  const gaps = GAP.length * (columns.length - 1)
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, gaps) - TEXT_WIDTH_MAX
    const at = widestThatMayShrink(columns, widths)
    if (excess <= 0 || at === undefined) return widths
    widths[at] = (widths[at] ?? 0) - 1
  }
}

function widestThatMayShrink(
  columns: readonly Column[],
  widths: readonly number[],
): number | undefined {
  let widest: number | undefined
  for (const [at, { mayShrink }] of columns.entries()) {
    const width = widths[at] ?? 0
    if (!mayShrink || width <= SHRUNK_WIDTH_MIN) continue
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = at
  }
  return widest
}

/** The text, or its beginning and `…` where it is wider. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break
    kept += character
  }
  return `${kept}…`
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** Lines of whole words; a word that is longer than a line stays whole, so that it can be copied. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last} ${word}`
    if (last === undefined || displayWidth(longer) > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
