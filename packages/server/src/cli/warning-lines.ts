import type { RestrictionsInput } from '@keyfence/core'
import { printable } from './printable.ts'
import { entryAt } from './refusal.ts'

/** Entries that were accepted and may not do what is expected of them, a line each. */
export function warningLines(
  warnings: readonly { readonly path: string; readonly code: string; readonly message: string }[],
  restrictions: RestrictionsInput,
): string {
  return warnings
    .map(({ path, code, message }) => {
      const entry = entryAt(path, restrictions) ?? path
      return `warning: ${printable(`${entry} (${code}): ${message}`)}\n`
    })
    .join('')
}
