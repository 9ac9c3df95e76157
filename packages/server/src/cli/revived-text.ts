import type { RevivedToken } from '../store/sqlite/revived-tokens.ts'
import { tableText } from './table.ts'

/** Which tokens a restore would let in again, as a table; nothing if there is none. */
export function revivedText(revived: readonly RevivedToken[]): string {
  if (revived.length === 0) return ''
  const columns = [
    { title: 'ID' },
    { title: 'NAME', mayShrink: true },
    { title: 'OWNER', mayShrink: true },
    { title: 'TODAY' },
  ]
  const rows = revived.map(({ id, name, owner, because }) => [id, name, owner, because])
  return `These are refused today and would be accepted again:\n${tableText(columns, rows)}`
}
