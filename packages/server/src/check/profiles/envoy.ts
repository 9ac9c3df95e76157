import type { CheckProfile } from './check-profile.ts'

/** `ext_authz` over HTTP: the original line with a prefix before its path. */
export const ENVOY: CheckProfile = {
  method: { in: 'own_line' },
  target: { in: 'own_line_below_check' },
  refusals: 'the_answer',
  preflights: 'answered_on_check',
}
