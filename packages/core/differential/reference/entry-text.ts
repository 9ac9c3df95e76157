/** "Unicode white space and U+FEFF are trimmed." */
export function trimWhiteSpace(text: string): string {
  return text.replace(/^[\p{White_Space}\uFEFF]+/u, '').replace(/[\p{White_Space}\uFEFF]+$/u, '')
}
