import type { Answer } from '@keyfence/core'
import type { ReadRequest } from '../http1/request-reader.ts'
import { startAnsweringListener } from '../listener/answering-listener.ts'
import type { DataListener, ListenPlace } from '../listener/data-listener.ts'
import { answerCheck } from './answer-check.ts'
import type { CheckContext } from './check-context.ts'

/**
 * Starts the check endpoint for proxies that ask before they pass a request on (spec §8.2).
 * @returns once it listens; rejects if it cannot.
 */
export async function startCheckEndpoint(
  context: CheckContext,
  listen: ListenPlace,
): Promise<DataListener> {
  const { timeouts, limits } = context.settings
  const answer = (request: ReadRequest, peer: string | undefined): Answer =>
    answerCheck({ request, peer }, context)
  return startAnsweringListener({ timeouts, limits, log: context.log, answer }, listen)
}
