import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import type { Token } from '../api/client.ts'
import { NamedConfirmation } from '../notice/named-confirmation.tsx'
import { notifyDone, notifyFailure } from '../notice/notify.tsx'
import { useMay } from '../session/use-session.ts'
import { changeStatusOfMany } from './bulk-change.ts'

/** What can be done with the tokens that are picked. */
export function BulkBar(props: { picked: readonly Token[]; onClear: () => void }): ReactElement {
  const { picked, onClear } = props
  const [isAsking, setIsAsking] = useState(false)
  const changing = useBulkChange(onClear)
  const tokens = picked.length === 1 ? '1 token' : `${picked.length} tokens`
  const mayDisable = useMay('disable')
  const mayRevoke = useMay('revoke')
  return (
    <section className="bulk-bar" aria-label="Picked tokens">
      <div className="row-between">
        <span>{tokens} picked</span>
        <div className="row-wrap">
          {mayDisable && (
            <Button
              size="xs"
              variant="default"
              loading={changing.isPending}
              onClick={() => changing.mutate({ picked, verb: 'disable' })}
            >
              Disable
            </Button>
          )}
          {mayRevoke && (
            <Button size="xs" color="red" variant="outline" onClick={() => setIsAsking(true)}>
              Revoke…
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={onClear}>
            Clear
          </Button>
        </div>
      </div>
      <NamedConfirmation
        name={`revoke ${picked.length}`}
        title={`Revoke ${tokens}?`}
        text={`Every call with ${picked.length === 1 ? 'it' : 'them'} gets 401 from now on. This cannot be undone.`}
        action="Revoke for good"
        opened={isAsking}
        isPending={changing.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          changing.mutate({ picked, verb: 'revoke' })
          setIsAsking(false)
        }}
      />
    </section>
  )
}

type Verb = 'disable' | 'enable' | 'revoke'

function useBulkChange(onDone: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ picked, verb }: { picked: readonly Token[]; verb: Verb }) =>
      changeStatusOfMany(picked, verb),
    onSuccess: ({ changedIds, failures }, { picked, verb }) => {
      void queries.invalidateQueries({ queryKey: ['tokens'] })
      // Told wherever the person is by then.
      failures.forEach(notifyFailure)
      if (failures.length === 0) onDone()
      if (changedIds.length === 0) return
      const wasActive = picked.filter(
        ({ id, status }) => status === 'active' && changedIds.includes(id),
      )
      const takeBack = async (): Promise<void> => {
        const back = await changeStatusOfMany(wasActive, 'enable')
        void queries.invalidateQueries({ queryKey: ['tokens'] })
        back.failures.forEach(notifyFailure)
      }
      const count = changedIds.length === 1 ? '1 token' : `${changedIds.length} tokens`
      const canTakeBack = verb === 'disable' && wasActive.length > 0
      notifyDone(`${count} ${verb}d.`, canTakeBack ? () => void takeBack() : undefined)
    },
  })
}
