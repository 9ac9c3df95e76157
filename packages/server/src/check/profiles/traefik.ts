import type { CheckProfile } from './check-profile.ts'

/** ForwardAuth. */
export const TRAEFIK: CheckProfile = {
  method: { in: 'field', name: 'x-forwarded-method' },
  target: { in: 'field', name: 'x-forwarded-uri' },
  refusals: 'the_answer',
  preflights: 'answered_at_preflight',
}
