/** What a request line asks for, or why it is not served. */
export type RequestTarget =
  /** Path and query, octets as received. */
  | { readonly kind: 'path'; readonly target: string }
  | { readonly kind: 'method_not_allowed' }
  | { readonly kind: 'malformed' }

/**
 * Reads method and target of a request line (spec §8.1). Nothing is resolved, decoded or
 * normalised: of the absolute form scheme and authority are cut off, and everything else that does
 * not begin with `/` is malformed, `*` too.
 */
export function requestTarget(method: string, url: string): RequestTarget {
  if (REFUSED_METHODS.has(method)) return { kind: 'method_not_allowed' }
  const target = url.startsWith('/') ? url : originForm(url)
  return target !== undefined && WRITABLE.test(target)
    ? { kind: 'path', target }
    : { kind: 'malformed' }
}

/** The raw path: what stands before the first `?`. */
export function pathOf(target: string): string {
  const mark = target.indexOf('?')
  return mark === -1 ? target : target.slice(0, mark)
}

/** Through a tunnel nothing can be judged; TRACE shows a caller the fields that we add. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE'])

/** No blank or control character, which could end a request line. */
const WRITABLE = /^\/[\u0021-\u007e\u0080-\u00ff]*$/

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]+/i

function originForm(url: string): string | undefined {
  const match = ABSOLUTE_FORM.exec(url)
  if (match === null) return undefined
  const rest = url.slice(match[0].length)
  return rest === '' || rest.startsWith('?') ? `/${rest}` : rest
}
