/**
 * Splits what was pasted into single entries: at line breaks, blanks, commas and semicolons, quotes
 * and the brackets of a JSON list taken off. What follows the host of a URL belongs to the URL.
 */
export function splitPaste(text: string): string[] {
  return (text.match(ENTRY) ?? []).map(bare).filter((entry) => entry !== '')
}

const ENTRY =
  /(?:https?|wss?):\/\/[^\s,;"'`/?#]+(?:[/?#](?:(?!,\s*["'`]?(?:https?|wss?):\/\/)[^\s;"'`])*)?|[^\s,;]+/giu

const QUOTES = /^(?:\[(?=["'`]))?["'`]+|["'`]+\]?$|^\[$|^\]$/g

function bare(entry: string): string {
  return entry.replaceAll(QUOTES, '')
}
