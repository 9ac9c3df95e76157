import {
  checkRestrictions,
  compileRestrictions,
  type Decision,
  decide,
  type EntryCode,
  type Evidence,
  type HeaderFields,
  type IpRange,
  parseIpAddressOrRange,
  readEvidence,
  type RequestSource,
  requestSource,
  type Restrictions,
  type RestrictionProblem,
  type RestrictionSettings,
  type RestrictionsInput,
} from '@keyfence/core'
import { TRUSTED_PROXY_MESSAGES } from '../config/trusted-proxies.ts'

/** A request and the restrictions that it is held against, as somebody typed them. */
export interface ExplainQuestion {
  readonly restrictions: RestrictionsInput
  readonly fields: HeaderFields
  /** The socket's remote address, `undefined` if unknown. */
  readonly peer: string | undefined
  readonly trustedProxies: readonly string[]
  readonly settings: RestrictionSettings & { readonly httpsOriginsOnly: boolean }
}

/** The decision with what it rests on, or everything that keeps the question from being one. */
export type Explanation =
  | {
      readonly kind: 'decided'
      readonly decision: Decision
      readonly source: RequestSource
      readonly evidence: Evidence
      readonly restrictions: Restrictions
      readonly trustedProxies: readonly IpRange[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly QuestionProblem[] }

/** What is wrong with one entry or trusted proxy. */
export interface QuestionProblem {
  /** RFC 6901: an entry from the restrictions object, a proxy as `/trustedProxies/0`. */
  readonly path: string
  readonly code: EntryCode
  readonly message: string
}

/** Decides one request as every enforcement path would, without a token or a server (spec §10). */
export function explainRequest(question: ExplainQuestion): Explanation {
  const { settings } = question
  const checked = checkRestrictions(question.restrictions, settings)
  const { ranges, problems } = trustedProxies(question.trustedProxies)
  if (!checked.ok || problems.length > 0) {
    const entries = checked.ok ? [] : checked.problem
    return { kind: 'refused', problems: [...entries.map(questionProblem), ...problems] }
  }
  const { restrictions } = checked.value
  const compiled = compileRestrictions(restrictions)
  if (compiled === undefined) throw new Error('checked restrictions do not compile')
  const evidence = readEvidence(question.fields)
  const source = requestSource(evidence, question.peer, {
    trustedProxies: ranges,
    barePeer: 'is_client',
    httpsOriginsOnly: settings.httpsOriginsOnly,
  })
  const decision = decide(compiled, source)
  return { kind: 'decided', decision, source, evidence, restrictions, trustedProxies: ranges }
}

function questionProblem({ path, code, message }: RestrictionProblem): QuestionProblem {
  return { path, code, message }
}

function trustedProxies(texts: readonly string[]): {
  readonly ranges: readonly IpRange[]
  readonly problems: readonly QuestionProblem[]
} {
  const ranges: IpRange[] = []
  const problems: QuestionProblem[] = []
  for (const [at, text] of texts.entries()) {
    const range = parseIpAddressOrRange(text)
    if (range.ok) {
      ranges.push(range.value)
      continue
    }
    const code = range.problem
    problems.push({ path: `/trustedProxies/${at}`, code, message: TRUSTED_PROXY_MESSAGES[code] })
  }
  return { ranges, problems }
}
