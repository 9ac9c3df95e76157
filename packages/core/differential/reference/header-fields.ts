import type { HeaderField } from '../case.ts'

/** Values of every field line with this name, in order, SP and HTAB trimmed from their ends. */
export function fieldValues(headers: readonly HeaderField[], name: string): readonly string[] {
  // "Field names are compared without regard to ASCII case, otherwise character by character."
  const wanted = asciiLowerCase(name)
  return headers
    .filter(([fieldName]) => asciiLowerCase(fieldName) === wanted)
    .map(([, value]) => trimBlanks(value))
}

/** Lower-cases A to Z alone: U+212A is no `k` in a field name. */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** "SP and HTAB are trimmed from the ends of a value." */
export function trimBlanks(value: string): string {
  return value.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
}
