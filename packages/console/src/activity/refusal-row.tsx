import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import type { Refusal } from '../api/client.ts'
import { tokenQuery } from '../api/queries.ts'
import { Badge } from '../notice/badge.tsx'
import { isListedPlace, type SeenPlace } from '../restriction/lock-to-seen.ts'
import { OVER_HTTP } from '../restriction/seen-suggestions.ts'
import { useMay } from '../session/use-session.ts'
import { TimeText } from '../time/time-text.tsx'
import { allowableValue } from './allowable-value.ts'
import { REASON_WORDS } from './reason-words.ts'

/** One refusal: when, why, from where, and what was asked for. */
export function RefusalRow(props: {
  refusal: Refusal
  /** Whose lists would allow it. */
  tokenId: string
  overHttp: ReadonlySet<string>
  onAllow: (refusal: Refusal) => void
}): ReactElement {
  const { refusal, tokenId, overHttp, onAllow } = props
  const allowable = allowableValue(refusal, overHttp)
  const isOverHttp = refusal.domain !== null && overHttp.has(refusal.domain)
  return (
    <li className="refusal">
      <div className="row-between">
        <span className="row-wrap">
          <span>{REASON_WORDS[refusal.reason]}</span>
          {!refusal.enforced && <Badge tone="warn" text="let through" />}
        </span>
        <span className="small dimmed">
          <TimeText value={refusal.refusedAt} />
        </span>
      </div>
      <div className="row-between">
        <div className="small wrap grow refusal-facts">
          <div>
            {refusal.source ?? 'unknown source'}
            {(refusal.domain ?? refusal.address) !== null && (
              <>
                {' '}
                <span className="mono">{refusal.domain ?? refusal.address}</span>
                {isOverHttp && <span className="tone-warn"> {OVER_HTTP}</span>}
              </>
            )}
          </div>
          <div className="mono dimmed">
            {refusal.method} {refusal.path}
          </div>
          <div className="mono dimmed">{refusal.requestId}</div>
        </div>
        {allowable !== undefined && (
          <AllowPart tokenId={tokenId} place={allowable} onAllow={() => onAllow(refusal)} />
        )}
      </div>
    </li>
  )
}

function AllowPart(props: {
  tokenId: string
  place: SeenPlace
  onAllow: () => void
}): ReactElement | null {
  const { tokenId, place, onAllow } = props
  const { data: stored } = useQuery(tokenQuery(tokenId))
  const mayWrite = useMay('restrict')
  const word = place.kind === 'domains' ? 'domain' : 'address'
  if (stored !== undefined && isListedPlace(stored.token.restrictions, place)) {
    return <span className="small dimmed">This {word} is already listed.</span>
  }
  if (!mayWrite) return null
  return (
    <Button size="compact-sm" variant="light" onClick={onAllow}>
      Allow this {word}
    </Button>
  )
}
