import type { ReactElement } from 'react'
import type { ClientAddressTrace } from '../api/client.ts'
import { Badge } from '../notice/badge.tsx'
import { TimeText } from '../time/time-text.tsx'

/** How an address was found, hop by hop. */
export function TracePanel(props: { title: string; trace: ClientAddressTrace }): ReactElement {
  const { title, trace } = props
  return (
    <div className="stack-tight">
      <div className="row-between">
        <h3 className="hops-title">{title}</h3>
        <span className="small dimmed">
          <TimeText value={trace.at} />
        </span>
      </div>
      <ol className="hops">
        {trace.hops.map((hop, at) => (
          // Two hops may read the same; their places do not.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at} className="row-wrap">
            <span className="small dimmed hop-place">{at === 0 ? 'Connection' : `Hop ${at}`}</span>
            <span className="mono wrap">{hop.text === '' ? 'unknown' : hop.text}</span>
            <HopBadge hop={hop} />
          </li>
        ))}
      </ol>
      <p className="small wrap">
        {trace.forwardedFor.length === 0 ? (
          'No X-Forwarded-For was received.'
        ) : (
          <>
            X-Forwarded-For received: <span className="mono">{trace.forwardedFor.join(' | ')}</span>
          </>
        )}
      </p>
      <p className="wrap">
        {trace.address === null ? (
          <span className="tone-bad">No address can be believed: it matches no list.</span>
        ) : (
          <>
            Address used: <strong className="mono">{trace.address}</strong>
          </>
        )}
      </p>
    </div>
  )
}

function HopBadge({ hop }: { hop: ClientAddressTrace['hops'][number] }): ReactElement {
  if (hop.address === null) return <Badge tone="bad" text="no address" />
  return hop.isTrusted ? (
    <Badge tone="accent" text="trusted proxy" />
  ) : (
    <Badge tone="quiet" text="not trusted" />
  )
}
