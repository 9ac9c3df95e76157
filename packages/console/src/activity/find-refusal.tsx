import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import type { Refusal } from '../api/client.ts'
import { ApiProblem } from '../api/problem.ts'
import { findRefusal } from '../api/queries.ts'
import { Panel } from '../notice/panel.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { RefusalRow } from './refusal-row.tsx'

/** Finds a refusal by the id that its caller got. */
export function FindRefusal(props: {
  tokenId: string
  overHttp: ReadonlySet<string>
  onAllow: (refusal: Refusal) => void
}): ReactElement {
  const [id, setId] = useState('')
  const finding = useMutation({ mutationFn: findRefusal })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (id.trim() !== '') finding.mutate(id.trim())
  }
  const found = finding.data
  const isMissing = finding.error instanceof ApiProblem && finding.error.status === 404
  return (
    <div className="stack-tight">
      <form className="field-line" onSubmit={submit}>
        <TextInput
          className="grow"
          aria-label="Request id"
          placeholder="req_…, of a refused answer"
          spellCheck={false}
          maxLength={100}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={finding.isPending}>
          Find
        </Button>
      </form>
      {isMissing && <Panel tone="quiet">{finding.error?.message}</Panel>}
      {finding.isError && !isMissing && <ProblemPanel error={finding.error} />}
      {found !== undefined && (
        <Panel tone="accent" role="status">
          <div className="stack-tight">
            <p>{found.sentence}</p>
            {found.tokenId !== props.tokenId && (
              <p className="tone-warn">It was another token’s request.</p>
            )}
            <ul className="refusals">
              <RefusalRow refusal={found} {...props} />
            </ul>
          </div>
        </Panel>
      )}
    </div>
  )
}
