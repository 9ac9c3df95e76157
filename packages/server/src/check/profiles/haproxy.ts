import type { CheckProfile } from './check-profile.ts'

/** The script of examples/haproxy, which writes these fields and sends the answer as it is. */
export const HAPROXY: CheckProfile = {
  method: { in: 'field', name: 'x-original-method' },
  target: { in: 'field', name: 'x-original-uri' },
  refusals: 'the_answer',
  preflights: 'answered_at_preflight',
}
