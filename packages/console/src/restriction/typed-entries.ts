import type { ListKind } from './list-kind.ts'

/** What stands in the boxes of both lists and is not added yet. */
export type TypedEntries = Readonly<Record<ListKind, string>>

export const NOTHING_TYPED: TypedEntries = { domains: '', ips: '' }

/** The texts that would be left out, as a sentence begins; `''` if there are none. */
export function leftOutText(typed: readonly string[]): string {
  const [first, ...others] = typed.flatMap((text) =>
    text.split(/\s+/).filter((part) => part !== ''),
  )
  if (first === undefined) return ''
  return `Typed and not added: ${first}${others.length === 0 ? '' : ` and ${others.length} more`}.`
}
