import { expect, test } from 'vitest'
import {
  ALLOW_REASONS,
  CALLER_REASONS,
  DENY_REASONS,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from './reason.ts'

test('the codes of spec §11, in its order', () => {
  expect(ALLOW_REASONS.join(' ')).toBe('unrestricted domain_listed ip_listed')
  expect(DENY_REASONS.join(' ')).toBe(
    'server_not_allowed browser_not_allowed domain_list_empty ip_list_empty domain_missing domain_unreadable ip_unreadable domain_not_listed ip_not_listed',
  )
  expect(TOKEN_REASONS.join(' ')).toBe(
    'token_missing token_malformed token_ambiguous token_unknown token_revoked token_disabled token_rotated token_expired token_not_yet_valid',
  )
  expect(UNAVAILABLE_REASONS.join(' ')).toBe('store_unavailable record_unreadable')
  expect(CALLER_REASONS.join(' ')).toBe('check_caller_not_trusted')
})

test('no code has two meanings', () => {
  const all = [
    ...ALLOW_REASONS,
    ...DENY_REASONS,
    ...TOKEN_REASONS,
    ...UNAVAILABLE_REASONS,
    ...CALLER_REASONS,
  ]
  expect(new Set(all).size).toBe(all.length)
})
