import type { ReactElement } from 'react'
import { exactTime, relativeTime } from './relative-time.ts'

/** A time as a person says it, the exact one on hover. */
export function TimeText({ value }: { value: string }): ReactElement {
  const time = Date.parse(value)
  return (
    <time dateTime={value} title={exactTime(time)}>
      {relativeTime(time, Date.now())}
    </time>
  )
}
