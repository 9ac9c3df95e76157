import { Button } from '@mantine/core'
import type { ReactElement } from 'react'

/** Where a page of a list begins: after a cursor, or before one. */
export interface PagePlace {
  readonly cursor?: string | undefined
  readonly before?: string | undefined
}

/** The ways to the pages beside this one; nothing where there is one page alone. */
export function ListPages(props: {
  previousCursor: string | undefined
  nextCursor: string | undefined
  onGo: (place: PagePlace) => void
}): ReactElement | null {
  const { previousCursor, nextCursor, onGo } = props
  if (previousCursor === undefined && nextCursor === undefined) return null
  return (
    <nav aria-label="Pages of the list" className="row-between">
      <Button
        variant="default"
        disabled={previousCursor === undefined}
        onClick={() => onGo({ before: previousCursor })}
      >
        Previous page
      </Button>
      <Button
        variant="default"
        disabled={nextCursor === undefined}
        onClick={() => onGo({ cursor: nextCursor })}
      >
        Next page
      </Button>
    </nav>
  )
}
