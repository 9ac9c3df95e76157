import type { SQLOutputValue } from 'node:sqlite'

/** The values of a row, those of its key first. */
export type RowValues = readonly SQLOutputValue[]

/**
 * Rows in the order of a key in their first column, taken key by key in that order too: one pass over
 * a table beside another one's, where a query for each key would be as many descents from its root.
 */
export class RowsInOrder {
  readonly #rows: Iterator<RowValues>
  #next: RowValues | undefined
  /** Of no key that was asked for. */
  #passed = 0

  constructor(rows: Iterable<RowValues>) {
    this.#rows = rows[Symbol.iterator]()
    this.#advance()
  }

  /** The rows of a key: printable ASCII, and behind every key asked for before. */
  of(key: string): readonly RowValues[] {
    const found: RowValues[] = []
    for (; this.#next !== undefined; this.#advance()) {
      const [rowKey] = this.#next
      if (rowKey === key) found.push(this.#next)
      else if (typeof rowKey === 'string' && rowKey > key) break
      else this.#passed++
    }
    return found
  }

  /** How many rows no key was asked for; the rest is passed as well. */
  passed(): number {
    for (; this.#next !== undefined; this.#advance()) this.#passed++
    return this.#passed
  }

  #advance(): void {
    const { done, value } = this.#rows.next()
    this.#next = done === true ? undefined : value
  }
}
