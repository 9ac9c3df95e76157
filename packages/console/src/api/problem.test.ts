import { expect, test } from 'vitest'
import { ApiProblem, problemText } from './problem.ts'

test.each<{ detail: string; wait?: number; gives: string; because: string }>([
  { detail: 'It is revoked.', gives: 'It is revoked.', because: 'nothing is to be waited for' },
  {
    detail: 'The server answered 503.',
    wait: 1,
    gives: 'The server answered 503. Try again in 1 second.',
    because: 'the wait is known',
  },
  {
    detail: 'The server answered 429.',
    wait: 100,
    gives: 'The server answered 429. Try again in 2 minutes.',
    because: 'longer waits are told in minutes',
  },
  {
    detail: 'Try again in 1 minute.',
    wait: 42,
    gives: 'Try again in 1 minute.',
    because: 'the answer says so itself',
  },
  {
    detail: 'Try again in a few seconds. What was asked may have been done.',
    wait: 5,
    gives: 'Try again in a few seconds. What was asked may have been done.',
    because: 'it says so and more',
  },
])('$gives: $because', ({ detail, wait, gives }) => {
  const problem = new ApiProblem({ status: 503, code: 'x', detail, retryAfterSeconds: wait })
  expect(problemText(problem)).toBe(gives)
})
