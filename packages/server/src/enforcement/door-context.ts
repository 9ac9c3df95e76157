import type { EpochMs, LookUpToken } from '@keyfence/core'
import type { Observation } from '../activity/observation.ts'

/** The world as a door sees it: whatever answers requests by verdicts. */
export interface DoorContext {
  readonly lookUp: LookUpToken
  readonly now: () => EpochMs
  /** Opaque and unguessable; asked for refusals and failures alone. */
  readonly requestId: () => string
  /**
   * Told of every verdict: once a judged request, and again if an open one is cut. What it throws
   * is logged and goes no further.
   */
  readonly observe: (observation: Observation) => void
  readonly log: DoorLog
}

/** The part of a pino logger that is used. Never given a field value, a query or a token. */
export interface DoorLog {
  error(fields: object, message: string): void
}

/** Tells the observer, whose failures are its own: a request is decided with or without it. */
export function observe(
  observation: Observation,
  context: Pick<DoorContext, 'observe' | 'log'>,
): void {
  try {
    context.observe(observation)
  } catch (error) {
    context.log.error({ err: error }, 'observing a verdict failed')
  }
}
