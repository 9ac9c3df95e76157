import type { CheckProfile } from './check-profile.ts'

/** `auth_request` says nothing of the original line by itself, and passes 401 and 403 alone, without body. */
export const NGINX: CheckProfile = {
  method: { in: 'field', name: 'x-original-method' },
  target: { in: 'field', name: 'x-original-uri' },
  refusals: 'fields_of_401_and_403',
  preflights: 'answered_at_preflight',
}
