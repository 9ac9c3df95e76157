/**
 * Text from outside, safe to show on a terminal: control and format characters (ANSI sequences, line
 * breaks, changes of direction) come out as `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
