import type { ReactElement } from 'react'
import type { Totals } from './series.ts'

/** How calls came out in all, as the bars below count them. */
export function TotalsLine({ allowed, refused, reported }: Totals): ReactElement {
  return (
    <div className="row-wrap small">
      <span className="row">
        <span className="swatch swatch-allowed" aria-hidden="true" />
        <span>
          {NUMBER.format(allowed)} allowed
          {reported > 0 && (
            <span className="tone-warn">
              , {NUMBER.format(reported)} of them let through in report mode
            </span>
          )}
        </span>
      </span>
      <span className="row">
        <span className="swatch swatch-refused" aria-hidden="true" />
        <span>{NUMBER.format(refused)} refused</span>
      </span>
    </div>
  )
}

const NUMBER = new Intl.NumberFormat('en')
