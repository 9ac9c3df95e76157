import {
  checkDomainEntry,
  checkIpEntry,
  checkRestrictions,
  compileRestrictions,
  decide,
  formatIpAddress,
  type IpRange,
  parseIpAddressOrRange,
  readCredential,
  readEvidence,
  requestSource,
  tokenStateReason,
} from '../src/index.ts'
import type {
  CredentialAnswer,
  CredentialLine,
  EntryAnswer,
  EntryLine,
  ExplainAnswer,
  ExplainConfiguration,
  ExplainRequest,
  Json,
  ListLine,
  Problem,
  TokenStateAnswer,
  TokenStateLine,
} from './case.ts'

// The only file here that may import from ../src: the reference must share nothing with it.

/** What the shipped code says of lines of `keyfence explain --jsonl`, messages left out. */
export function implementationExplainer(
  line: ExplainConfiguration,
): (request: ExplainRequest) => ExplainAnswer {
  const { settings = {}, trustedProxies = [] } = line
  const checked = checkRestrictions(
    { domains: listInput(line.restrictions.domains), ips: listInput(line.restrictions.ips) },
    {
      allowIpRanges: line.allowIpRanges ?? false,
      allowPrivateAddresses: line.allowPrivateAddresses ?? false,
      maxDomains: settings.maxDomains ?? 5,
      maxIps: settings.maxIps ?? 5,
    },
  )
  const problems: Problem[] = checked.ok
    ? []
    : checked.problem.map(({ path, code }) => ({ path, code }))
  const trusted: IpRange[] = []
  for (const [at, text] of trustedProxies.entries()) {
    const range = parseIpAddressOrRange(text)
    if (range.ok) trusted.push(range.value)
    else problems.push({ path: `/trustedProxies/${at}`, code: range.problem })
  }
  if (!checked.ok || problems.length > 0) return () => ({ problems })
  const compiled = compileRestrictions(checked.value.restrictions)
  if (compiled === undefined) throw new Error('checked restrictions do not compile')
  const sourceSettings = {
    trustedProxies: trusted,
    barePeer: 'is_client',
    httpsOriginsOnly: settings.httpsOriginsOnly ?? false,
  } as const
  return ({ headers, peer }) => {
    const evidence = readEvidence(headers.flat())
    const source = requestSource(evidence, peer ?? undefined, sourceSettings)
    const { effect, reason } = decide(compiled, source)
    const address = source.kind === 'server' ? source.address : undefined
    return {
      effect,
      source: source.kind,
      reason,
      domain: source.kind === 'browser' ? (source.domain ?? null) : null,
      address: address === undefined ? null : formatIpAddress(address),
    }
  }
}

/** What the shipped code says of one line of `keyfence entry check --jsonl`. */
export function implementationEntryCheck(line: EntryLine): EntryAnswer {
  const checked =
    line.kind === 'ip'
      ? checkIpEntry(line.input, line)
      : checkDomainEntry(line.input, { settings: line, age: 'new', subdomains: false })
  return checked.ok
    ? { ok: true, value: checked.value.value }
    : { ok: false, code: checked.problem.code }
}

/** The token that the shipped code finds in a request. */
export function implementationCredential(line: CredentialLine): CredentialAnswer {
  return readCredential(
    { fields: line.headers.flat(), target: line.target, isWebSocket: line.webSocket },
    {
      tokenFields: line.tokenFields.map(tokenFieldOf),
      tokenQuery: line.tokenQuery ?? undefined,
      tokenPrefix: line.prefix,
    },
  )
}

/** What the shipped code says of a known token at a time: `valid` or a code. */
export function implementationTokenState({ token, now }: TokenStateLine): TokenStateAnswer {
  const life = { status: token.status, notBefore: token.notBefore, expiresAt: token.expiresAt }
  return tokenStateReason(life, token.rotatedOut ? now : undefined, now) ?? 'valid'
}

function tokenFieldOf(text: string) {
  const [name = '', scheme] = text.toLowerCase().split(/: */)
  return { name, scheme }
}

function listInput({ enabled = false, entries = [] }: ListLine = {}) {
  return { enabled, entries: entries.map(entryInput) }
}

function entryInput(entry: Json) {
  return isEntryObject(entry) ? entry : { value: entry }
}

function isEntryObject(
  entry: Json,
): entry is { readonly value: Json; readonly label?: string; readonly subdomains?: boolean } {
  return typeof entry === 'object' && entry !== null && 'value' in entry
}
