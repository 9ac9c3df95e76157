import { announcesMissingBody, isPersistent, keepAliveMs } from '../../http1/response-framing.ts'
import type { ResponseHead } from './response-reader.ts'

/** How long an idle connection is kept where the upstream says nothing: Node servers keep 5 s. */
export const KEPT_MS = 4_000
const KEPT_MS_MAX = 600_000
/** A request that is on its way when the upstream closes has no answer. */
const CLOSING_EARLIER_MS = 2_000

/** How long a connection is kept behind an answer; 0: not at all. */
export function keptMsBehind(head: ResponseHead): number {
  if (!isPersistent(head) || announcesMissingBody(head)) return 0
  const announced = keepAliveMs(head.fields)
  if (announced === undefined) return KEPT_MS
  return Math.min(Math.max(announced - CLOSING_EARLIER_MS, 0), KEPT_MS_MAX)
}
