import { fieldValueAt, type HeaderFields, isFieldNamed } from './header-fields.ts'

/** The fields of spec §2–§4, as they stand in one request: values trimmed, order and repetition kept. */
export interface Evidence {
  readonly origins: readonly string[]
  readonly referers: readonly string[]
  readonly forwardedFor: readonly string[]
  /** `Sec-Fetch-Site` is there, whatever its value. */
  readonly hasFetchSite: boolean
}

/** Collects the evidence in one pass over the field lines. */
export function readEvidence(fields: HeaderFields): Evidence {
  let origins: string[] | undefined
  let referers: string[] | undefined
  let forwardedFor: string[] | undefined
  let hasFetchSite = false
  for (let at = 0, name = fields[0]; name !== undefined; at += 2, name = fields[at]) {
    // By length first: most fields are none of the four, and need no comparing to say so.
    const wanted = BY_LENGTH[name.length]
    if (wanted === undefined || !isFieldNamed(name, wanted)) continue
    if (wanted === FETCH_SITE) {
      hasFetchSite = true
      continue
    }
    const value = fieldValueAt(fields, at + 1)
    if (wanted === ORIGIN) origins = withValue(origins, value)
    else if (wanted === REFERER) referers = withValue(referers, value)
    else forwardedFor = withValue(forwardedFor, value)
  }
  return {
    origins: origins ?? NONE,
    referers: referers ?? NONE,
    forwardedFor: forwardedFor ?? NONE,
    hasFetchSite,
  }
}

/** A list of one is made as such: an empty one that grows takes room for 17. */
function withValue(values: string[] | undefined, value: string): string[] {
  if (values === undefined) return [value]
  values.push(value)
  return values
}

/** Whether the request carries browser evidence (spec §2). Nothing else is evidence. */
export function isBrowser(evidence: Evidence): boolean {
  return evidence.hasFetchSite || evidence.origins.length > 0 || evidence.referers.length > 0
}

const ORIGIN = 'origin'
const REFERER = 'referer'
const FETCH_SITE = 'sec-fetch-site'
const FORWARDED_FOR = 'x-forwarded-for'
const NONE: readonly string[] = []
/** No two of the names are equally long. */
const BY_LENGTH: readonly (string | undefined)[] = Array.from(
  { length: FORWARDED_FOR.length + 1 },
  (_, length) =>
    [ORIGIN, REFERER, FETCH_SITE, FORWARDED_FOR].find((name) => name.length === length),
)
