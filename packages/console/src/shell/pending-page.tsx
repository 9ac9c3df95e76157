import { Skeleton } from '@mantine/core'
import type { ReactElement } from 'react'

/** In place of a page that is still on its way. */
export function PendingPage(): ReactElement {
  return (
    <div className="page stack" role="status" aria-busy="true" aria-label="Loading">
      <Skeleton height={32} width="30%" />
      <Skeleton height={160} />
      <Skeleton height={160} />
    </div>
  )
}
