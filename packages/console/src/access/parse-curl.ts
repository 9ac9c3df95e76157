/** A request as a curl command would send it. */
export interface CurlRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
}

/**
 * Reads a curl command as people copy it from documentation or a browser's network panel.
 * @returns `undefined` if no URL is in it.
 */
export function parseCurl(text: string): CurlRequest | undefined {
  const words = shellWords(text)
  if (words[0] !== 'curl' && words[0] !== 'curl.exe') return undefined
  const read: ReadCurl = { method: undefined, url: undefined, headers: [], hasBody: false }
  for (let at = 1; at < words.length; at++) at += readWord(words, at, read)
  const url = targetOf(read.url)
  if (url === undefined) return undefined
  const method = read.method ?? (read.hasBody ? 'POST' : 'GET')
  return { method, target: url, headers: read.headers }
}

interface ReadCurl {
  method: string | undefined
  url: string | undefined
  readonly headers: [string, string][]
  hasBody: boolean
}

/** Reads one word; gives how many further words belonged to it. */
function readWord(words: readonly string[], at: number, read: ReadCurl): number {
  const word = words[at] ?? ''
  if (!word.startsWith('-') || word === '-') {
    read.url ??= word
    return 0
  }
  const [option, own] = optionOf(word)
  const value = own ?? words[at + 1] ?? ''
  const taken = own === undefined ? 1 : 0
  if (option === '-H' || option === '--header') addHeader(value, read)
  else if (option === '-X' || option === '--request') read.method = value
  else if (option === '-I' || option === '--head') return setMethod('HEAD', read)
  else if (option === '-e' || option === '--referer') read.headers.push(['Referer', value])
  else if (option === '-A' || option === '--user-agent') read.headers.push(['User-Agent', value])
  else if (option === '--url') read.url = value
  else if (BODIES.has(option)) read.hasBody = true
  else if (!WITH_VALUE.has(option)) return 0
  return taken
}

const BODIES = new Set([
  '-d',
  '--data',
  '--data-raw',
  '--data-binary',
  '--data-ascii',
  '--json',
  '-F',
  '--form',
])
const WITH_VALUE = new Set(
  (
    '-o --output -u --user -b --cookie -c --cookie-jar -m --max-time -w --write-out -x --proxy ' +
    '--connect-timeout --retry --resolve --cacert'
  ).split(' '),
)

function setMethod(method: string, read: ReadCurl): number {
  read.method = method
  return 0
}

/** `-HName: value` and `--header=…` have their value with them. */
function optionOf(word: string): [string, string | undefined] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=')
    return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
  }
  const takesValue = /^-[HXeAdFoubcmwx]./.test(word)
  return takesValue ? [word.slice(0, 2), word.slice(2)] : [word, undefined]
}

function addHeader(line: string, read: ReadCurl): void {
  const colon = line.indexOf(':')
  if (colon > 0) read.headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
}

function targetOf(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined
  const parsed = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`)
  return parsed === null ? undefined : `${parsed.pathname}${parsed.search}`
}

/** Splits as a shell does: quotes, backslashes and continued lines; nothing is expanded. */
function shellWords(text: string): string[] {
  const joined = text.replaceAll(/\\\r?\n/g, ' ').trim()
  const words = joined.match(/(?:\\.|"(?:\\.|[^"\\])*"|\$?'[^']*'|[^\s"'\\])+/g) ?? []
  return words.map((word) => word.replaceAll(QUOTED, unquoted))
}

const QUOTED = /\\.|"(?:\\.|[^"\\])*"|\$?'[^']*'/g

function unquoted(part: string): string {
  if (part.startsWith('"')) return part.slice(1, -1).replaceAll(/\\(.)/g, '$1')
  return part.startsWith('\\') ? part.slice(1) : part.slice(part.indexOf("'") + 1, -1)
}
