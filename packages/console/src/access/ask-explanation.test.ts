import { expect, test } from 'vitest'
import type { Explanation } from '../api/client.ts'
import { asEnforced } from './ask-explanation.ts'

type Mode = Parameters<typeof asEnforced>[0]['mode']

const SOURCE = { source: 'server', sentence: '', domain: null, address: '8.8.8.8' } as const

const refused = (reason: string, status = 403): Explanation => ({
  ...SOURCE,
  effect: 'deny',
  reason,
  enforced: true,
  response: { status, headers: [], body: '' },
})
const allowed = (reason: string, enforced = true): Explanation => ({
  ...SOURCE,
  effect: 'allow',
  reason,
  enforced,
  response: null,
})

test.each<{
  mode?: Mode
  saved: Explanation
  byLists: Explanation
  gives: Explanation
  because: string
}>([
  {
    saved: allowed('unrestricted'),
    byLists: refused('ip_not_listed'),
    gives: refused('ip_not_listed'),
    because: 'the lists on the page refuse it',
  },
  {
    saved: refused('ip_not_listed'),
    byLists: allowed('ip_listed'),
    gives: allowed('ip_listed'),
    because: 'the lists on the page allow it',
  },
  {
    saved: refused('token_disabled', 401),
    byLists: allowed('ip_listed'),
    gives: refused('token_disabled', 401),
    because: 'no list helps a token that is off',
  },
  {
    mode: 'report',
    saved: refused('token_expired', 401),
    byLists: refused('ip_not_listed'),
    gives: refused('token_expired', 401),
    because: 'report mode keeps no token alive',
  },
  {
    mode: 'report',
    saved: allowed('unrestricted'),
    byLists: refused('ip_not_listed'),
    gives: allowed('ip_not_listed', false),
    because: 'report mode lets it through',
  },
  {
    mode: 'report',
    saved: allowed('ip_not_listed', false),
    byLists: allowed('ip_listed'),
    gives: allowed('ip_listed'),
    because: 'nothing has to be let through',
  },
])('$because', ({ mode = 'enforce', saved, byLists, gives }) => {
  expect(asEnforced({ saved, byLists, mode })).toEqual(gives)
})
