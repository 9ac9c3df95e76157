/**
 * `Cache-Control` for one token's answer: `private` in place of `public`, `s-maxage` or nothing
 * (spec §7), everything else as it was. `private="field"` limits one field alone (RFC 9111 §5.2.2.7)
 * and gives way to the full one.
 * @param values the values of all `Cache-Control` lines of the upstream, in order.
 */
export function privateCacheControl(values: readonly string[]): string {
  const directives = values.flatMap(directivesOf)
  const names = directives.map(nameOf)
  const kept = directives.filter((_, at) => !SHARED.has(names[at] ?? ''))
  if (names.includes('no-store')) return kept.join(', ')
  return ['private', ...kept].join(', ')
}

/**
 * Whether a field tells shared caches something that overrides `Cache-Control`: RFC 9213, and the
 * ones before it. `name` is in lower case.
 */
export function isTargetedCacheControl(name: string): boolean {
  return TARGETED.has(name) || name.endsWith('cdn-cache-control')
}

const SHARED: ReadonlySet<string> = new Set(['public', 's-maxage', 'private'])
const TARGETED: ReadonlySet<string> = new Set([
  'surrogate-control',
  'edge-control',
  'x-accel-expires',
])

function nameOf(directive: string): string {
  const equals = directive.indexOf('=')
  return (equals === -1 ? directive : directive.slice(0, equals)).trim().toLowerCase()
}

/** Split at the commas outside quoted strings. */
function directivesOf(value: string): string[] {
  const directives: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < value.length; at++) {
    const character = value[at]
    if (character === '\\' && isQuoted) at++
    else if (character === '"') isQuoted = !isQuoted
    else if (character === ',' && !isQuoted) {
      directives.push(value.slice(start, at))
      start = at + 1
    }
  }
  directives.push(value.slice(start))
  return directives.map((directive) => directive.trim()).filter((directive) => directive !== '')
}
