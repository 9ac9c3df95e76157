import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'

/** What the dialect asks of the thread that holds the connection. */
export type SqliteRequest =
  | {
      readonly kind: 'query'
      readonly id: number
      readonly sql: string
      readonly parameters: readonly SQLInputValue[]
    }
  | { readonly kind: 'close'; readonly id: number }

/** What comes back; `errorCode` is SQLite's extended result code. */
export type SqliteReply =
  | {
      readonly id: number
      readonly ok: true
      readonly columns: readonly string[]
      /** The values of each row, in the order of the columns. */
      readonly rows: readonly (readonly SQLOutputValue[])[]
      readonly changes: number
    }
  | {
      readonly id: number
      readonly ok: false
      readonly message: string
      readonly errorCode: number
    }
