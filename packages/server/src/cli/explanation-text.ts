import {
  type Answer,
  type Evidence,
  explainReason,
  formatIpAddress,
  parseIpAddress,
  rangeContains,
  refusalAnswer,
  type Restrictions,
} from '@keyfence/core'
import { STATUS_CODES } from 'node:http'
import type { ExplainQuestion, Explanation } from './explain-request.ts'

type Decided = Extract<Explanation, { kind: 'decided' }>

/** An explanation for people: decision, source, rule, reason, and what the caller gets. */
export function explanationText(decided: Decided, question: ExplainQuestion): string {
  const { decision, source } = decided
  const facts = factsOf(decided, question)
  const rows: readonly (readonly [string, string])[] = [
    [decision.effect === 'allow' ? 'Allowed' : 'Denied', decision.reason],
    ['Source', sourceText(source.kind, facts.toldBy)],
    source.kind === 'browser'
      ? ['Domain', facts.domain ?? 'none']
      : ['Address', `${facts.address ?? 'none'} (${facts.addressFrom})`],
    ['Rule', facts.rule],
    ['Why', facts.message],
  ]
  const lines = rows.map(([label, text]) => `${label.padEnd(8)} ${text}\n`)
  return `${lines.join('')}\n${answerLines(facts.response)}`
}

/** An explanation for programs. */
export function explanationJson(explanation: Explanation, question: ExplainQuestion): object {
  if (explanation.kind === 'refused') return { problems: explanation.problems }
  const { decision, source } = explanation
  const facts = factsOf(explanation, question)
  return {
    effect: decision.effect,
    source: source.kind,
    reason: decision.reason,
    domain: facts.domain ?? null,
    address: facts.address ?? null,
    toldBy: facts.toldBy ?? null,
    rule: facts.rule,
    message: facts.message,
    response: facts.response ?? null,
  }
}

interface Facts {
  /** The field that makes it a browser's; a server request has none. */
  readonly toldBy: string | undefined
  readonly domain: string | undefined
  readonly address: string | undefined
  readonly addressFrom: string
  readonly rule: string
  readonly message: string
  /** `undefined`: the upstream's own. */
  readonly response: Answer | undefined
}

function factsOf(decided: Decided, question: ExplainQuestion): Facts {
  const { decision, source, evidence, restrictions } = decided
  const domain = source.kind === 'browser' ? source.domain : undefined
  const found = source.kind === 'server' ? source.address : undefined
  const address = found === undefined ? undefined : formatIpAddress(found)
  return {
    toldBy: source.kind === 'browser' ? browserField(evidence) : undefined,
    domain,
    address,
    addressFrom: addressFrom(decided, question),
    rule: ruleOf(restrictions, source.kind),
    message: isPlainHttp(decided)
      ? 'The page was served over plain http, and only https ones may match. Serve it over https.'
      : explainReason(decision.reason, { domain, address, restrictions }),
    response:
      decision.effect === 'deny'
        ? refusalAnswer(decision.reason, { evidence, requestId: SAMPLE_REQUEST_ID })
        : undefined,
  }
}

/** Each real refusal has one of its own. */
const SAMPLE_REQUEST_ID = 'req_…'

/** The field that the domain is read from comes first (spec §3). */
function browserField({ origins, referers }: Evidence): string {
  if (origins.length > 0) return 'Origin'
  return referers.length > 0 ? 'Referer' : 'Sec-Fetch-Site'
}

function sourceText(kind: 'browser' | 'server', toldBy: string | undefined): string {
  return toldBy === undefined
    ? `${kind}: it has no Sec-Fetch-Site, Origin or Referer`
    : `${kind}, told by ${toldBy}`
}

function addressFrom({ evidence, trustedProxies }: Decided, { peer }: ExplainQuestion): string {
  if (peer === undefined) return 'no peer: give it with --peer'
  const address = parseIpAddress(peer)
  const isTrusted =
    address !== undefined && trustedProxies.some((range) => rangeContains(range, address))
  if (evidence.forwardedFor.length === 0) return 'the peer'
  return isTrusted
    ? 'from X-Forwarded-For: the peer is a trusted proxy'
    : 'the peer: it is no trusted proxy, so X-Forwarded-For is not read'
}

/** An `http` page where only `https` ones are admitted, which is refused as if it were not listed. */
function isPlainHttp({ decision, source }: Decided): boolean {
  const isKnownPage = source.kind === 'browser' && source.domain !== undefined
  return decision.reason === 'domain_not_listed' && isKnownPage && !source.mayMatch
}

/** The row and column of the table of spec §1. */
function ruleOf({ domains, ips }: Restrictions, source: 'browser' | 'server'): string {
  const lists = `domains ${onOff(domains.enabled)}, IPs ${onOff(ips.enabled)}`
  if (!domains.enabled && !ips.enabled) return `${lists}: every request is allowed`
  const [own, asked] = source === 'browser' ? [domains, 'domain'] : [ips, 'address']
  const consequence = own.enabled ? `its ${asked} must be listed` : 'it is refused'
  return `${lists}; a ${source} request: ${consequence}`
}

function onOff(enabled: boolean): string {
  return enabled ? 'on' : 'off'
}

function answerLines(answer: Answer | undefined): string {
  if (answer === undefined) return 'The request is passed on; the answer is the upstream’s own.\n'
  const { status, headers, body } = answer
  const lines = [
    'The caller gets:',
    `  HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `  ${name}: ${value}`),
    '',
    `  ${body}`,
  ]
  return `${lines.join('\n')}\n`
}
