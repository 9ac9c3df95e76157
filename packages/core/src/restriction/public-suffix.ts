import { getPublicSuffix } from 'tldts'
// The list itself: tldts answers "what is the suffix of this name", not "does one lie below it".
// Not exported by name; the lockfile pins it and public-suffix.test.ts would notice a new shape.
import {
  edgeChild,
  edgeLength,
  edgeStart,
  labelText,
  rulesRoot,
} from 'tldts/dist/cjs/src/data/trie.js'
import type { Domain } from '../domain/domain.ts'

/**
 * Whether the domain is a public suffix: other people register names below it. The private section
 * (`vercel.app`) and the default rule `*` (any unknown last label) count.
 * @see https://publicsuffix.org/list/
 */
export function isPublicSuffix(domain: Domain): boolean {
  const options = { allowPrivateDomains: true, extractHostname: false, validateHostname: false }
  return getPublicSuffix(domain, options) === domain
}

/** Whether a public suffix lies strictly below the domain, as `s3.amazonaws.com` below its parent. */
export function hasPublicSuffixBelow(domain: Domain): boolean {
  namesAboveSuffixes ??= collectNamesAboveSuffixes()
  return namesAboveSuffixes.has(domain)
}

let namesAboveSuffixes: ReadonlySet<string> | undefined

/** Every name with a rule below it: the inner nodes of the list's tree. */
function collectNamesAboveSuffixes(): ReadonlySet<string> {
  const edges = labelledEdges()
  const names = new Set<string>()
  const visit = (node: number, name: string): void => {
    const below = edges.slice(edgeStart[node], edgeStart[node + 1])
    if (below.length > 0 && name !== '') names.add(name)
    for (const { label, child } of below) visit(child, name === '' ? label : `${label}.${name}`)
  }
  visit(rulesRoot, '')
  return names
}

function labelledEdges(): readonly { readonly label: string; readonly child: number }[] {
  const labelStarts = [0]
  let end = 0
  for (const length of edgeLength) labelStarts.push((end += length))
  return Array.from(edgeChild, (child, edge) => ({
    label: labelText.slice(labelStarts[edge], labelStarts[edge + 1]),
    child,
  }))
}
