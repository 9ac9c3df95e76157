import { ApiProblem } from './problem.ts'

/**
 * For what is asked about first, and cannot be taken back: it is sent once. Whoever reads that nobody
 * answered decides again.
 */
export const CONFIRMED = { retry: false } as const

/** For what ends something: if that is gone already, all is as it should be. */
export function unlessGone(error: unknown): void {
  if (error instanceof ApiProblem && error.code === 'not_found') return
  throw error
}
