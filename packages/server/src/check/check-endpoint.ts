import {
  type DataListener,
  type ListenPlace,
  NOTHING_OPEN,
  startDataListener,
} from '../listener/data-listener.ts'
import { sendAnswer } from '../listener/own-answer.ts'
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
  return startDataListener(
    {
      timeouts,
      limits,
      log: context.log,
      // A proxy may pass a handshake's fields on: that is a question like any other.
      takesWebSockets: false,
      open: NOTHING_OPEN,
      serve: ({ request, response }) =>
        sendAnswer(request, response, answerCheck(request, context)),
    },
    listen,
  )
}
