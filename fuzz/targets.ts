import type { Target } from './target.ts'
import { credential } from './targets/credential.ts'
import { domainEntry, ipEntry } from './targets/entries.ts'
import { forwarded } from './targets/forwarded.ts'
import { origin, referer } from './targets/page.ts'
import { token } from './targets/token.ts'

/** Everything that takes input from strangers. */
export const TARGETS: readonly Target[] = [
  token,
  credential,
  origin,
  referer,
  forwarded,
  domainEntry,
  ipEntry,
]
