import type { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../fence/clock.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { isDone, reportRefusal } from './refusal.ts'
import { tableText } from './table.ts'
import { relativeTime } from './time-text.ts'

/** `keyfence nodes`. */
export function registerNodes(program: Command, run: CommandRun): void {
  const nodes = program
    .command('nodes')
    .description('the nodes that share the store, guards included, and how far each is')
    .addHelpText('after', '\nExamples:\n  keyfence nodes\n  keyfence nodes --json')
  managed(nodes, run, listNodes)
}

const NodeList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      name: z.string(),
      version: z.string(),
      startedAt: z.string(),
      revision: z.number(),
      isFresh: z.boolean(),
      isDraining: z.boolean(),
      leaseLeftMs: z.number().nullable(),
    }),
  ),
})

type ListedNode = z.infer<typeof NodeList>['items'][number]

async function listNodes({ management, options, io }: ManagedRun<object>): Promise<ExitCode> {
  const answer = await management.ask('GET', '/v1/nodes')
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json })
  const { items } = readAnswer(NodeList, answer.body)
  if (options.json) await writeJson(io.stdout, answer.body)
  else await writeText(io.stdout, items.length === 0 ? 'None.\n' : nodesText(items))
  return 0
}

function nodesText(nodes: readonly ListedNode[]): string {
  const now = systemClock.now()
  const columns = [
    { title: 'ID', mayShrink: true },
    { title: 'KIND' },
    { title: 'NAME', mayShrink: true },
    { title: 'REVISION' },
    { title: 'STARTED' },
    { title: 'STATE' },
  ]
  const rows = nodes.map((node) => [
    node.id,
    node.kind,
    node.name,
    String(node.revision),
    relativeTime(Date.parse(node.startedAt), now),
    stateText(node),
  ])
  return tableText(columns, rows)
}

function stateText({ isFresh, isDraining, leaseLeftMs }: ListedNode): string {
  if (leaseLeftMs === 0) return 'gone'
  if (isDraining) return 'stopping'
  return isFresh ? 'up to date' : 'answers 503'
}
