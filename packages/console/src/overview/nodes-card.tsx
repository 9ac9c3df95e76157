import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import type { NodeState } from '../api/client.ts'
import { nodesQuery } from '../api/queries.ts'
import { Badge } from '../notice/badge.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { TimeText } from '../time/time-text.tsx'

/** The nodes that judge requests, and how old what they know is. */
export function NodesCard(): ReactElement {
  const nodes = useQuery(nodesQuery)
  return (
    <section className="card stack" aria-labelledby="nodes">
      <h2 className="section-title" id="nodes">
        Nodes
      </h2>
      {nodes.isError && <ProblemPanel error={nodes.error} onRetry={() => void nodes.refetch()} />}
      {nodes.isPending && <Skeleton height={80} />}
      {nodes.data !== undefined && (
        <ul className="nodes plain-list" aria-labelledby="nodes">
          {nodes.data.map((node) => (
            <NodeFacts key={node.id} node={node} />
          ))}
        </ul>
      )}
    </section>
  )
}

function NodeFacts({ node }: { node: NodeState }): ReactElement {
  return (
    <li className="stack-tight">
      <div className="row-wrap">
        <strong className="wrap">{node.isSelf ? 'This node' : nodeName(node)}</strong>
        <Badge tone={node.isFresh ? 'good' : 'bad'} text={stateText(node)} />
        {node.isDraining && <Badge tone="warn" text="stopping" />}
      </div>
      <dl className="facts">
        <dt>Lag</dt>
        <dd>{lagText(node.staleForMs)}</dd>
        <dt>Changes applied</dt>
        <dd>up to revision {NUMBER.format(node.revision)}</dd>
        <dt>Version</dt>
        <dd>{node.version}</dd>
        <dt>Started</dt>
        <dd>
          <TimeText value={node.startedAt} />
        </dd>
      </dl>
    </li>
  )
}

function nodeName({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return kind === 'guard' ? `Guard with ${name}` : name
}

function stateText({
  isFresh,
  leaseLeftMs,
}: {
  readonly isFresh: boolean
  readonly leaseLeftMs: number | null
}): string {
  if (isFresh) return 'up to date'
  return leaseLeftMs === 0 ? 'gone: it was not heard of' : 'answers 503: its copy is too old'
}

function lagText(staleForMs: number | null): string {
  if (staleForMs === null) return 'it has no copy of the tokens yet'
  return `it looked for changes ${(staleForMs / 1000).toFixed(1)} s ago`
}

const NUMBER = new Intl.NumberFormat('en')
