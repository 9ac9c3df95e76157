import { Button, NativeSelect, Skeleton } from '@mantine/core'
import { DENY_REASONS, TOKEN_REASONS } from '@keyfence/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import type { Refusal } from '../api/client.ts'
import { refusalsQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { AllowDialog } from './allow-dialog.tsx'
import { FindRefusal } from './find-refusal.tsx'
import { REASON_WORDS } from './reason-words.ts'
import { RefusalRow } from './refusal-row.tsx'

/** Refusals, newest first, page by page; the filter is the page's. */
export function RefusalsCard(props: {
  id: string
  reason: Refusal['reason'] | undefined
  /** Pages that no list would match. */
  overHttp: ReadonlySet<string>
  onReason: (reason: string) => void
}): ReactElement {
  const { id, reason, overHttp, onReason } = props
  const refusals = useInfiniteQuery(refusalsQuery(id, reason))
  const [toAllow, setToAllow] = useState<Refusal>()
  const items = refusals.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section className="card stack" aria-labelledby="refusals">
      <div className="row-between">
        <h2 className="section-title" id="refusals">
          Refusals
        </h2>
        <NativeSelect
          size="xs"
          aria-label="Reason"
          data={REASONS}
          value={reason ?? ''}
          onChange={(event) => onReason(event.currentTarget.value)}
        />
      </div>
      <FindRefusal tokenId={id} overHttp={overHttp} onAllow={setToAllow} />
      {refusals.isError && (
        <ProblemPanel error={refusals.error} onRetry={() => void refusals.refetch()} />
      )}
      {refusals.isPending && <Skeleton height={160} />}
      {refusals.data !== undefined && items.length === 0 && (
        <p className="dimmed">
          {reason === undefined
            ? 'Nothing was refused. What will be stands here within seconds, with its reason.'
            : 'Nothing was refused for this reason.'}
        </p>
      )}
      <RefusalList id={id} refusals={items} overHttp={overHttp} onAllow={setToAllow} />
      {refusals.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={refusals.isFetchingNextPage}
            onClick={() => void refusals.fetchNextPage()}
          >
            Show older ones
          </Button>
        </div>
      )}
      {toAllow !== undefined && (
        <AllowDialog tokenId={id} refusal={toAllow} onClose={() => setToAllow(undefined)} />
      )}
    </section>
  )
}

function RefusalList(props: {
  id: string
  refusals: readonly Refusal[]
  overHttp: ReadonlySet<string>
  onAllow: (refusal: Refusal) => void
}): ReactElement {
  const { id, refusals, ...rest } = props
  return (
    <ul className="refusals">
      {refusals.map((refusal) => (
        <RefusalRow key={refusal.requestId} tokenId={id} refusal={refusal} {...rest} />
      ))}
    </ul>
  )
}

const REASONS = [
  { value: '', label: 'Every reason' },
  ...[...DENY_REASONS, ...TOKEN_REASONS].map((reason) => ({
    value: reason,
    label: REASON_WORDS[reason],
  })),
]
