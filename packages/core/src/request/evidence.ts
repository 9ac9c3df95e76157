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
    // By length first: most fields are none of the four, and need no lower-casing to say so.
    switch (name.length) {
      case ORIGIN.length:
        if (isFieldNamed(name, ORIGIN)) (origins ??= []).push(fieldValueAt(fields, at + 1))
        break
      case REFERER.length:
        if (isFieldNamed(name, REFERER)) (referers ??= []).push(fieldValueAt(fields, at + 1))
        break
      case FETCH_SITE.length:
        if (isFieldNamed(name, FETCH_SITE)) hasFetchSite = true
        break
      case FORWARDED_FOR.length:
        if (isFieldNamed(name, FORWARDED_FOR))
          (forwardedFor ??= []).push(fieldValueAt(fields, at + 1))
        break
      default:
    }
  }
  return {
    origins: origins ?? NONE,
    referers: referers ?? NONE,
    forwardedFor: forwardedFor ?? NONE,
    hasFetchSite,
  }
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
