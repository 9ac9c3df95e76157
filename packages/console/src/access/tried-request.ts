import { parseCurl } from './parse-curl.ts'

/** What is tried: a source as a person picks it. */
export interface TriedSource {
  readonly from: 'page' | 'no_origin' | 'server' | 'curl'
  readonly origin: string
  readonly address: string
  readonly curl: string
}

/** A request as POST /v1/explain takes it. */
export interface TriedRequest {
  readonly headers: [string, string][]
  readonly peer: string | null
  readonly method: string
  readonly target: string
}

/** The request that a picked source stands for; a problem is a sentence for the person. */
export function triedRequest(
  source: TriedSource,
):
  | { readonly ok: true; readonly request: TriedRequest }
  | { readonly ok: false; readonly problem: string } {
  const address = source.address.trim()
  const peer = address === '' ? null : address
  if (source.from === 'curl') return curlRequest(source.curl, peer)
  if (source.from === 'server') {
    if (peer === null)
      return { ok: false, problem: 'Enter the address of the server, like 8.8.8.8.' }
    return plain([], peer)
  }
  if (source.from === 'no_origin') return plain([['Sec-Fetch-Site', 'cross-site']], peer)
  const origin = asOrigin(source.origin)
  if (origin === '')
    return { ok: false, problem: 'Enter the address of a page, like https://example.com.' }
  return plain([['Origin', origin]], peer)
}

function plain(headers: [string, string][], peer: string | null) {
  return { ok: true, request: { headers, peer, method: 'GET', target: '/' } } as const
}

/** The origin of a pasted page; what is none is tried as it was entered. */
function asOrigin(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'null') return trimmed
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
  const url = URL.parse(hasScheme ? trimmed : `https://${trimmed}`)
  if (url === null) return trimmed
  return url.origin === 'null' ? trimmed : url.origin
}

function curlRequest(text: string, peer: string | null) {
  const parsed = parseCurl(text)
  if (parsed === undefined) {
    return {
      ok: false,
      problem: 'Paste a whole curl command: it begins with curl and holds a URL.',
    } as const
  }
  const headers = parsed.headers.map(([name, value]): [string, string] => [name, value])
  return {
    ok: true,
    request: { headers, peer, method: parsed.method, target: parsed.target },
  } as const
}

const EVIDENCE = new Set(['sec-fetch-site', 'origin', 'referer'])

/** The fields by which a request counts as a browser's (spec §2). */
export function evidenceOf(headers: readonly (readonly [string, string])[]): string[] {
  return headers.map(([name]) => name).filter((name) => EVIDENCE.has(name.toLowerCase()))
}
