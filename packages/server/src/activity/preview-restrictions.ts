import {
  compileRestrictions,
  type Decision,
  decide,
  type EpochMs,
  parseDomain,
  parseIpAddress,
  type RequestSource,
  type Restrictions,
} from '@keyfence/core'
import type { Seen } from './seen.ts'

/** What restrictions would do to one value that was seen. */
export interface PreviewedValue {
  readonly seen: Seen
  readonly decision: Decision
}

/** What restrictions would have done to the calls that were seen. */
export interface RestrictionPreview {
  /** When the first of these calls came; `undefined`: none was seen. */
  readonly since: EpochMs | undefined
  readonly calls: number
  readonly refused: number
  /** Of `refused`: calls that were let through. */
  readonly newlyRefused: number
  /** Calls that were refused and would not have been. */
  readonly newlyAllowed: number
  /** Calls beyond the limit of values: nothing is known of what they came from. */
  readonly unknown: number
  readonly values: readonly PreviewedValue[]
}

/** Decides what was seen by other restrictions, with the function that decides requests. */
export function previewRestrictions(
  restrictions: Restrictions,
  seen: readonly Seen[],
  settings: { readonly httpsOriginsOnly: boolean },
): RestrictionPreview {
  const compiled = compileRestrictions(restrictions)
  if (compiled === undefined) throw new TypeError('the restrictions were not checked')
  const values = seen.flatMap((value) => {
    const source = sourceOf(value, settings.httpsOriginsOnly)
    return source === undefined ? [] : [{ seen: value, decision: decide(compiled, source) }]
  })
  const refused = values.filter(({ decision }) => decision.effect === 'deny')
  const allowed = values.filter(({ decision }) => decision.effect === 'allow')
  const calls = sum(values, ({ count }) => count)
  return {
    since: earliest(values),
    calls,
    refused: sum(refused, ({ count }) => count),
    newlyRefused: sum(refused, (value) => value.allowed),
    newlyAllowed: sum(allowed, ({ count, allowed: letThrough }) => count - letThrough),
    unknown: seen.reduce((total, { count }) => total + count, 0) - calls,
    values,
  }
}

/** The source as it was judged; `undefined` for what stands for several, or is damaged. */
function sourceOf({ kind, value }: Seen, httpsOnly: boolean): RequestSource | undefined {
  switch (kind) {
    case 'domain_missing':
    case 'domain_unreadable':
      return { kind: 'browser', domain: undefined, because: kind }
    case 'ip_unreadable':
      return { kind: 'server', address: undefined, because: kind }
    case 'domain':
    case 'http_domain': {
      const domain = parseDomain(value)
      if (domain === undefined) return undefined
      return { kind: 'browser', domain, mayMatch: kind === 'domain' || !httpsOnly }
    }
    case 'address': {
      const address = parseIpAddress(value)
      return address === undefined ? undefined : { kind: 'server', address }
    }
    case 'other':
      return undefined
    default:
      return kind satisfies never
  }
}

function sum(values: readonly PreviewedValue[], of: (seen: Seen) => number): number {
  return values.reduce((total, { seen }) => total + of(seen), 0)
}

function earliest(values: readonly PreviewedValue[]): EpochMs | undefined {
  const times = values.map(({ seen }) => seen.firstAt)
  return times.length === 0 ? undefined : Math.min(...times)
}
