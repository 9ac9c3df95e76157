import type { Target } from './target.ts'
import { credential } from './targets/credential.ts'
import { domainEntry, ipEntry } from './targets/entries.ts'
import { feedPage } from './targets/feed-page.ts'
import { forwarded } from './targets/forwarded.ts'
import { entryLine, explanation } from './targets/json-lines.ts'
import { management } from './targets/management.ts'
import { requestHead, upstreamAnswer } from './targets/messages.ts'
import { origin, referer } from './targets/page.ts'
import { fenceSnapshot, guardSnapshot } from './targets/snapshots.ts'
import { tokenRecord } from './targets/token-record.ts'
import { token } from './targets/token.ts'

/** Everything that takes input from strangers. */
export const TARGETS: readonly Target[] = [
  token,
  credential,
  origin,
  referer,
  forwarded,
  requestHead,
  upstreamAnswer,
  domainEntry,
  ipEntry,
  explanation,
  entryLine,
  tokenRecord,
  feedPage,
  guardSnapshot,
  fenceSnapshot,
  management,
]
