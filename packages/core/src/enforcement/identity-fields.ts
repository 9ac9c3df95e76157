import type { AllowVerdict } from './judge.ts'

/** The fields that tell the upstream who calls, as Keyfence writes them (spec §8.1). */
export const IDENTITY_FIELDS = [
  'Keyfence-Token-Id',
  'Keyfence-Owner',
  'Keyfence-Source',
  'Keyfence-Metadata',
] as const

/**
 * A field name as the laxest reader may fold it: lower case, and every character outside
 * `[a-z0-9]` a hyphen. CGI-style upstreams read `Keyfence_Owner` as `Keyfence-Owner`.
 */
export function foldFieldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

/** Whether an upstream may read the field as one of {@link IDENTITY_FIELDS}. */
export function isIdentityField(name: string): boolean {
  return FOLDED.has(foldFieldName(name))
}

/**
 * The identity fields of a request, name and value in turn: all of them every time, empty where
 * nothing is known, because an absent field is one that a caller could have supplied. Without
 * `forwardMetadata`, `Keyfence-Metadata` is not among them.
 * @param verdict `undefined` for what passes without a token.
 */
export function identityFields(
  verdict: AllowVerdict | undefined,
  options: { readonly forwardMetadata: boolean },
): string[] {
  const [tokenId, owner, source, metadata] = IDENTITY_FIELDS
  const fields = [
    tokenId,
    verdict?.policy.tokenId ?? '',
    owner,
    verdict?.policy.owner ?? '',
    source,
    verdict?.source.kind ?? '',
  ]
  if (options.forwardMetadata) {
    fields.push(metadata, verdict === undefined ? '' : asciiJson(verdict.policy.metadata))
  }
  return fields
}

/**
 * The identity fields as an answer carries them: `Keyfence-Metadata` too, empty without
 * `forwardMetadata`. A proxy that is told to copy a field may make something of an absent one:
 * Caddy sends the literal text of its placeholder.
 */
export function answeredIdentity(
  { policy, source }: AllowVerdict,
  options: { readonly forwardMetadata: boolean },
): [name: string, value: string][] {
  const [tokenId, owner, sourceName, metadata] = IDENTITY_FIELDS
  return [
    [tokenId, policy.tokenId],
    [owner, policy.owner],
    [sourceName, source.kind],
    [metadata, options.forwardMetadata ? asciiJson(policy.metadata) : ''],
  ]
}

const FOLDED: ReadonlySet<string> = new Set(IDENTITY_FIELDS.map(foldFieldName))

/** JSON of printable ASCII alone: what is not is escaped as UTF-16 code units (RFC 8259 §7). */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
