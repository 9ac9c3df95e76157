import type { Answer } from '@keyfence/core'
import type { RefusalCarrier } from './profiles/check-profile.ts'

/**
 * A refusal as the proxy that asked can hand it on. nginx passes 401 and 403 alone and drops the
 * body: a 503 travels as 403, and `Keyfence-Status` and `Keyfence-Body` say what the caller is to
 * see. An allow stays as it is.
 */
export function carriedAnswer(answer: Answer, carrier: RefusalCarrier): Answer {
  const { status, headers, body } = answer
  if (carrier === 'the_answer' || status === 200) return answer
  return {
    status: status === 401 ? 401 : 403,
    headers: [...headers, ['Keyfence-Status', String(status)], ['Keyfence-Body', body]],
    body,
  }
}
