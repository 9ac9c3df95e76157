import { ApiProblem } from './problem.ts'

const MEANT_MS = 120_000

const firstSentAt = new WeakMap<object, number>()

/**
 * For what is sent again by itself while nobody answers: for two minutes, later it should be meant. To
 * count how often it was sent is not enough, for in a hidden tab the next time waits for hours.
 * @param now milliseconds
 * @throws ApiProblem `not_sent_again`
 */
export function whileMeant<Sent extends object, Answer>(
  send: (sent: Sent) => Promise<Answer>,
  now: () => number = Date.now,
): (sent: Sent) => Promise<Answer> {
  return async (sent) => {
    const first = firstSentAt.get(sent) ?? now()
    firstSentAt.set(sent, first)
    if (now() - first > MEANT_MS) throw new ApiProblem(NOT_SENT_AGAIN)
    return send(sent)
  }
}

/** As a gateway's: whether it was done nobody knows. */
const NOT_SENT_AGAIN = {
  status: 504,
  code: 'not_sent_again',
  detail:
    'The server did not answer for a while, and this was not sent again. Nothing that you entered is lost: try again.',
} as const
