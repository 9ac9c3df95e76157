/**
 * The values of one query parameter in a request target, in order, read as a form is
 * (WHATWG URL, application/x-www-form-urlencoded): percent-encoding and `+` decoded, in names too,
 * so that no spelling that an upstream may understand goes unseen.
 */
export function queryValues(target: string, name: string): string[] {
  return parametersOf(target)
    .map(nameAndValue)
    .filter(([found]) => found === name)
    .map(([, value]) => value)
}

/** The target without that parameter in any spelling, everything else octet for octet. */
export function withoutQueryParameter(target: string, name: string): string {
  const parameters = parametersOf(target)
  const kept = parameters.filter((parameter) => nameAndValue(parameter)[0] !== name)
  if (kept.length === parameters.length) return target
  const path = target.slice(0, target.indexOf('?'))
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}

/** The part of the URL standard that is needed here, present in Node, browsers and Workers alike. */
declare const URLSearchParams: new (query: string) => Iterable<[name: string, value: string]>

function parametersOf(target: string): string[] {
  const mark = target.indexOf('?')
  return mark === -1 ? [] : target.slice(mark + 1).split('&')
}

function nameAndValue(parameter: string): readonly [name: string, value: string] {
  // Behind a `&`, because a `?` in front would be taken for the mark of the query.
  const [pair = ['', ''] as const] = new URLSearchParams(`&${parameter}`)
  return pair
}
