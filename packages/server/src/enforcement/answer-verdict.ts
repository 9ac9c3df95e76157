import {
  type Answer,
  answeredIdentity,
  refusalAnswer,
  type RefuseVerdict,
  type Verdict,
} from '@keyfence/core'
import type { Observation } from '../activity/observation.ts'
import { type DoorContext, observe } from './door-context.ts'

/** The request as its door received it: what is observed of it beside the verdict. */
export type ObservedRequest = Pick<Observation, 'method' | 'path' | 'peer'>

/** What answering needs of the world. */
export type AnswerContext = Pick<DoorContext, 'requestId' | 'observe' | 'log'>

/**
 * The answer of a door that passes nothing on, and tells the observer. An allow is exactly 200 with
 * an empty body and every identity field, so that whoever copies them finds each.
 */
export function answerVerdict(
  verdict: Verdict,
  request: ObservedRequest,
  context: AnswerContext & { readonly settings: { readonly forwardMetadata: boolean } },
): Answer {
  if (verdict.effect === 'refuse') return refuse(verdict, request, context)
  observe({ verdict, requestId: undefined, ...observedOf(request) }, context)
  const headers = answeredIdentity(verdict, context.settings)
  headers.push(NO_STORE)
  return { status: 200, headers, body: '' }
}

/** The answer to a refused request; the observer is told under the id that it carries. */
export function refuse(
  verdict: RefuseVerdict,
  request: ObservedRequest,
  context: AnswerContext,
): Answer {
  const requestId = context.requestId()
  observe({ verdict, requestId, ...observedOf(request) }, context)
  const { evidence, reason } = verdict
  return refusalAnswer(reason, { evidence, requestId })
}

/** These members and no others, whatever a door hands over. */
function observedOf({ method, path, peer }: ObservedRequest): ObservedRequest {
  return { method, path, peer }
}

const NO_STORE: [string, string] = ['Cache-Control', 'no-store']
