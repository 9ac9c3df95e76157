import type { Restrictions } from '@keyfence/core'
import { Button, Radio, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, memo, type ReactElement, useEffect, useState } from 'react'
import { tokenQuery } from '../api/queries.ts'
import { Panel } from '../notice/panel.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { askExplanation } from './ask-explanation.ts'
import { ExplanationPanel } from './explanation-panel.tsx'
import { type TriedRequest, type TriedSource, triedRequest } from './tried-request.ts'

interface TriedLists {
  readonly tokenId: string
  readonly draft: Restrictions
  readonly isChanged: boolean
}

/** Would this request be allowed? By the lists on the page, or by those that are saved. */
export function TryIt(props: TriedLists): ReactElement {
  const [source, setSource] = useState<TriedSource>(FIRST)
  const [problem, setProblem] = useState('')
  const asking = useAsking(props)
  const { reset } = asking
  // What was answered for other lists is no answer any more.
  useEffect(reset, [reset, props.draft])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const made = triedRequest(source)
    setProblem(made.ok ? '' : made.problem)
    if (made.ok) asking.mutate(made.request)
  }
  return (
    <section className="card stack" aria-labelledby="try-it">
      <div>
        <h2 className="section-title" id="try-it">
          Try it
        </h2>
        <p className="small dimmed">
          {props.isChanged
            ? 'By the lists as they are on this page, not saved yet. Nothing is sent to your API.'
            : 'By the lists as they are saved. Nothing is sent to your API.'}
        </p>
      </div>
      <form className="stack" onSubmit={submit}>
        <SourceFields source={source} onChange={setSource} />
        {problem !== '' && (
          <Panel tone="bad" role="alert">
            {problem}
          </Panel>
        )}
        <div>
          <Button type="submit" variant="light" loading={asking.isPending}>
            Try
          </Button>
        </div>
      </form>
      {asking.isError && <ProblemPanel error={asking.error} />}
      {asking.data !== undefined && <ExplanationPanel {...asking.data} />}
      <p className="small dimmed">
        A domain list keeps other people’s web pages from using a token; it cannot stop a program
        that forges an Origin. The strong form is a server token with an address list.
      </p>
    </section>
  )
}

function useAsking({ tokenId, draft, isChanged }: TriedLists) {
  const mode = useQuery(tokenQuery(tokenId)).data?.token.mode ?? 'enforce'
  const token = { id: tokenId, mode, unsaved: isChanged ? draft : undefined }
  return useMutation({
    mutationFn: async (request: TriedRequest) => ({
      request,
      explanation: await askExplanation(request, token),
    }),
  })
}

const FIRST: TriedSource = { from: 'page', origin: '', address: '', curl: '' }

/** Drawn anew when they change, not whenever the lists do. */
const SourceFields = memo(function SourceFields(props: {
  source: TriedSource
  onChange: (source: TriedSource) => void
}): ReactElement {
  const { source, onChange } = props
  const set = (changed: Partial<TriedSource>): void => onChange({ ...source, ...changed })
  return (
    <>
      <Radio.Group
        label="The request comes from"
        value={source.from}
        onChange={(from) =>
          set({ from: SOURCES.find(({ value }) => value === from)?.value ?? 'page' })
        }
      >
        <div className="row-wrap radio-row">
          {SOURCES.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </div>
      </Radio.Group>
      {source.from === 'page' && (
        <TextInput
          label="Page"
          placeholder="https://example.com"
          value={source.origin}
          onChange={(event) => set({ origin: event.currentTarget.value })}
        />
      )}
      {source.from === 'curl' && (
        <Textarea
          label="curl command"
          placeholder={`curl https://api.example.com/ -H 'Origin: https://example.com'`}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          value={source.curl}
          onChange={(event) => set({ curl: event.currentTarget.value })}
        />
      )}
      {(source.from === 'server' || source.from === 'curl') && (
        <TextInput
          label="Address of the caller"
          placeholder="8.8.8.8"
          value={source.address}
          onChange={(event) => set({ address: event.currentTarget.value })}
        />
      )}
    </>
  )
})

const SOURCES = [
  { value: 'page', label: 'a page' },
  { value: 'no_origin', label: 'a browser, without Origin' },
  { value: 'server', label: 'a server' },
  { value: 'curl', label: 'a pasted curl' },
] as const
