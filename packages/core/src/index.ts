/** The public surface of @keyfence/core, by name. */
export {
  formatIpAddress,
  type IpAddress,
  parseIpAddress,
} from './address/ip-address.ts'
export {
  formatIpRange,
  type IpRange,
  type IpRangeProblem,
  parseIpAddressOrRange,
  rangeContains,
} from './address/ip-range.ts'
export { specialPurposeKind } from './address/special-purpose.ts'
export { type Decision, decide } from './decision/decide.ts'
export { type ExplainedFacts, explainReason } from './decision/explain.ts'
export {
  ALLOW_REASONS,
  type AllowReason,
  CALLER_REASONS,
  DENY_REASONS,
  type DenyReason,
  type RefusalReason,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from './decision/reason.ts'
export { type Domain, parseDomain } from './domain/domain.ts'
export {
  answeredIdentity,
  foldFieldName,
  IDENTITY_FIELDS,
  identityFields,
  isIdentityField,
} from './enforcement/identity-fields.ts'
export {
  type AllowVerdict,
  type CredentialedRequest,
  type JudgeContext,
  type JudgedRequest,
  type JudgeSettings,
  judge,
  judgeCredential,
  type RefuseVerdict,
  type Verdict,
} from './enforcement/judge.ts'
export {
  type CorsSettings,
  DEFAULT_CORS,
  isPreflight,
  preflightAnswer,
} from './enforcement/preflight.ts'
export {
  type Answer,
  echoableOrigin,
  refusalAnswer,
  type RefusalStatus,
  refusalStatus,
} from './enforcement/refusal-answer.ts'
export type {
  LookUpToken,
  TokenLookup,
  TokenMode,
  TokenPolicy,
} from './enforcement/token-policy.ts'
export type { Brand, EpochMs, Parsed } from './parsed.ts'
export {
  type BarePeer,
  clientAddress,
  type ClientAddressTrace,
  traceClientAddress,
  type TrustedProxies,
} from './request/client-address.ts'
export {
  type Credential,
  type CredentialRequest,
  type CredentialSettings,
  parseCredential,
  readCredential,
  TOKEN_SUBPROTOCOL_PREFIX,
  type TokenField,
} from './request/credential.ts'
export { type Evidence, readEvidence } from './request/evidence.ts'
export {
  fieldValues,
  type HeaderFields,
  isFieldNamed,
  lowerCaseAscii,
  trimBlanks,
} from './request/header-fields.ts'
export { parseOrigin, type WebOrigin } from './request/origin.ts'
export { queryValues, withoutQueryParameter } from './request/query.ts'
export { type RequestSource, requestSource, type SourceSettings } from './request/source.ts'
export {
  type CheckedRestrictions,
  checkRestrictions,
  type EntryInput,
  type RestrictionProblem,
  type RestrictionSettings,
  type RestrictionsInput,
  type RestrictionWarning,
} from './restriction/check-restrictions.ts'
export {
  type CompiledList,
  type CompiledRestrictions,
  compileRestrictions,
  type DomainPattern,
  type PatternList,
  type RestrictionPatterns,
  restrictionPatterns,
} from './restriction/compile.ts'
export { checkDomainEntry, type DomainEntryUse } from './restriction/domain-entry.ts'
export {
  type CheckedEntry,
  ENTRY_CODES,
  type EntryAge,
  type EntryCode,
  type EntryProblem,
  type EntrySettings,
  type EntryWarning,
} from './restriction/entry-problem.ts'
export { checkIpEntry } from './restriction/ip-entry.ts'
export {
  type DomainEntry,
  type IpEntry,
  type RestrictionList,
  type Restrictions,
  UNRESTRICTED,
} from './restriction/restrictions.ts'
export {
  formatToken,
  MANAGEMENT_KEY_PREFIX,
  parseTokenText,
  TOKEN_ALPHABET,
  TOKEN_RANDOM_LENGTH,
  type TokenText,
  tokenDigest,
  tokenHint,
} from './token/format.ts'
export { DIGEST_WORDS, PADDING_MAX, sha256 } from './token/sha256.ts'
export {
  type TokenLife,
  type TokenStateReason,
  type TokenStatus,
  tokenStateReason,
} from './token/state.ts'
