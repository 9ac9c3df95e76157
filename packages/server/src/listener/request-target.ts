/**
 * Path and query of a request line, octets as received (spec §8.1). Nothing is resolved, decoded or
 * normalised: of the absolute form scheme and authority are cut off.
 * @returns `undefined` for everything else that does not begin with `/`, `*` too.
 */
export function requestTarget(url: string): string | undefined {
  const target = url.startsWith('/') ? url : originForm(url)
  return target !== undefined && WRITABLE.test(target) ? target : undefined
}

/** The raw path: what stands before the first `?`. */
export function pathOf(target: string): string {
  const mark = target.indexOf('?')
  return mark === -1 ? target : target.slice(0, mark)
}

/** No blank or control character, which could end a request line. */
const WRITABLE = /^\/[\u0021-\u007e\u0080-\u00ff]*$/

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]+/i

function originForm(url: string): string | undefined {
  const match = ABSOLUTE_FORM.exec(url)
  if (match === null) return undefined
  const rest = url.slice(match[0].length)
  return rest === '' || rest.startsWith('?') ? `/${rest}` : rest
}
