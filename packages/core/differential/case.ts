/** Any value that JSON can carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

/** One header field line as received: name and value, order and repetition kept. */
export type HeaderField = readonly [name: string, value: string]

/** One list of a restriction as a line of `keyfence explain --jsonl` spells it (spec §10). */
export interface ListLine {
  readonly enabled?: boolean
  readonly entries?: readonly Json[]
}

/** What a line says but for its request (spec §10), and what §3 and §5 let set. */
export interface ExplainConfiguration {
  readonly restrictions: { readonly domains?: ListLine; readonly ips?: ListLine }
  readonly trustedProxies?: readonly string[]
  readonly allowIpRanges?: boolean
  readonly allowPrivateAddresses?: boolean
  readonly settings?: {
    readonly httpsOriginsOnly?: boolean
    readonly maxDomains?: number
    readonly maxIps?: number
  }
}

/** The request of a line. */
export interface ExplainRequest {
  readonly headers: readonly HeaderField[]
  readonly peer: string | null
}

/** A well-formed line of `keyfence explain --jsonl`. */
export interface ExplainLine extends ExplainConfiguration {
  readonly request: ExplainRequest
}

/** One bad entry: an RFC 6901 path from the restrictions object, and a code of spec §11. */
export interface Problem {
  readonly path: string
  readonly code: string
}

/** What explain says of a line: a decision, or every problem in input order (spec §10). */
export type ExplainAnswer =
  | {
      readonly effect: 'allow' | 'deny'
      readonly source: 'browser' | 'server'
      readonly reason: string
      readonly domain: string | null
      readonly address: string | null
    }
  | { readonly problems: readonly Problem[] }

/** A parsed, well-formed line of `keyfence entry check --jsonl` (spec §10). */
export interface EntryLine {
  readonly kind: 'domain' | 'ip'
  readonly input: Json
  readonly allowIpRanges: boolean
  readonly allowPrivateAddresses: boolean
}

/** The normalised entry, or the code that refuses it. */
export type EntryAnswer =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: string }

/** A request as far as the search for its token looks (spec §6, "Where a token is read"). */
export interface CredentialLine {
  /** `Authorization: Bearer` (field name, colon, scheme) or a bare field name. */
  readonly tokenFields: readonly string[]
  /** Name of the query parameter that may carry a token, or null where none may. */
  readonly tokenQuery: string | null
  readonly prefix: string
  readonly headers: readonly HeaderField[]
  readonly target: string
  readonly webSocket: boolean
}

/** The one token of a request, or why there is none. */
export type CredentialAnswer =
  | { readonly kind: 'none' | 'malformed' | 'ambiguous' }
  | { readonly kind: 'token'; readonly token: string }

/** A stored token as far as its own state judges it, times in milliseconds since 1970. */
export interface TokenStateLine {
  readonly token: {
    readonly status: 'active' | 'disabled' | 'revoked'
    /** The secret that was sent is one that a rotation has ended. */
    readonly rotatedOut: boolean
    readonly notBefore?: number
    readonly expiresAt?: number
  }
  readonly now: number
}

/** `valid`, or a code of spec §11. */
export type TokenStateAnswer = string

/** One question of either implementation; what they are compared on. */
export type Case =
  | { readonly kind: 'explain'; readonly input: ExplainLine }
  | { readonly kind: 'entry'; readonly input: EntryLine }
  | { readonly kind: 'credential'; readonly input: CredentialLine }
  | { readonly kind: 'state'; readonly input: TokenStateLine }

export type CaseKind = Case['kind']

/** Cases that are generated together: several requests of one configuration, or one case alone. */
export type CaseGroup =
  | {
      readonly kind: 'explain'
      readonly configuration: ExplainConfiguration
      readonly requests: readonly ExplainRequest[]
    }
  | Exclude<Case, { readonly kind: 'explain' }>

/** Every kind of case, in the order in which they are reported. */
export const CASE_KINDS: readonly CaseKind[] = ['explain', 'entry', 'credential', 'state']
