import type { CheckProfile } from './check-profile.ts'

/** Whoever sends the original method and header fields with the check itself; curl, say. */
export const PLAIN: CheckProfile = {
  method: { in: 'own_line' },
  target: { in: 'own_line' },
  refusals: 'the_answer',
  preflights: 'answered_at_preflight',
}
