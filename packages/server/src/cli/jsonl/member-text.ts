/**
 * The text of a member's value in the text of a JSON object, as it was written; of a repeated name
 * the last, as `JSON.parse` has it. Numbers that a double cannot hold and values nested too deep
 * for a recursive writer come through whole.
 * @param json text that `JSON.parse` has taken as an object.
 */
export function memberText(json: string, name: string): string | undefined {
  let text: string | undefined
  let at = skipBlanks(json, json.indexOf('{') + 1)
  while (json[at] === '"') {
    const nameEnd = stringEnd(json, at)
    const start = skipBlanks(json, skipBlanks(json, nameEnd) + 1)
    const end = valueEnd(json, start)
    if (JSON.parse(json.slice(at, nameEnd)) === name) text = json.slice(start, end)
    const comma = skipBlanks(json, end)
    at = skipBlanks(json, comma + 1)
  }
  return text
}

function skipBlanks(json: string, from: number): number {
  let at = from
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at++
  return at
}

/** Behind the closing quote of the string that begins at `start`. */
function stringEnd(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

function valueEnd(json: string, start: number): number {
  if (json[start] === '"') return stringEnd(json, start)
  let depth = 0
  let at = start
  do {
    const character = json.charAt(at)
    if (character === '"') {
      at = stringEnd(json, at)
      continue
    }
    if ('[{'.includes(character)) depth++
    else if (']}'.includes(character)) depth--
    at++
  } while (at < json.length && (depth > 0 || !ENDS.includes(json.charAt(at))))
  return at
}

const ENDS = ',}] \t\r\n'
