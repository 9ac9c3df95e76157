import type { ReactElement } from 'react'
import type { Token } from '../api/client.ts'
import { Badge } from '../notice/badge.tsx'
import { worksFromText } from '../restriction/plain-words.ts'

/** Where a token works, in a few words; "anywhere" stands out. */
export function WorksFromText({ token }: { token: Token }): ReactElement {
  const { text, isOpen } = worksFromText(token)
  const { domains, ips } = token.restrictions
  const isReporting = isOpen && (domains.enabled || ips.enabled)
  if (isOpen) {
    return <Badge tone="warn" text={text} title={isReporting ? REPORTING : token.worksFrom} />
  }
  return (
    <span className="works-from" title={token.worksFrom}>
      {text}
    </span>
  )
}

const REPORTING = 'Report only: what its lists refuse is recorded and let through.'
