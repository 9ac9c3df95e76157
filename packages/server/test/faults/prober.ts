import { Agent, request } from 'node:http'
import type { RunningKeyfence } from '../running-keyfence.ts'

/** One decision that was asked for. */
export interface Probe {
  /** The place of the node among those that are asked. */
  readonly node: number
  /** By the clock of `performance`. */
  readonly sentAtMs: number
  readonly tookMs: number
  /** Of the answer, or why there was none. */
  readonly status: number | string
}

/** Asks nodes for decisions at a fixed rate, whatever they answer. */
export interface Prober {
  /** In the order in which they were answered. */
  readonly probes: readonly Probe[]
  /** Asks no more. @returns all that was asked, once it was answered */
  stop(): Promise<readonly Probe[]>
}

/** Asks each of the nodes with that token every `everyMs`, on connections that are kept. */
export function startProber(
  nodes: readonly RunningKeyfence[],
  { token, everyMs }: { readonly token: string; readonly everyMs: number },
): Prober {
  const agent = new Agent({ keepAlive: true })
  const probes: Probe[] = []
  const asking = new Set<Promise<void>>()
  const ask = async (node: number, url: string): Promise<void> => {
    const sentAtMs = performance.now()
    const status = await statusOf(url, { agent, token })
    probes.push({ node, sentAtMs, tookMs: performance.now() - sentAtMs, status })
  }
  const timer = setInterval(() => {
    for (const [node, { url }] of nodes.entries()) {
      const asked = ask(node, url)
      asking.add(asked)
      void asked.then(() => asking.delete(asked))
    }
  }, everyMs)
  return {
    probes,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(asking)
      agent.destroy()
      return probes
    },
  }
}

/** The status of a server's request with that token on a connection of the agent, or why there was none. */
export function statusOf(
  url: string,
  { agent, token }: { readonly agent: Agent; readonly token: string },
): Promise<number | string> {
  return new Promise((resolve) => {
    request(url, { agent, headers: { 'x-api-key': token } }, (incoming) => {
      incoming.resume()
      incoming.on('end', () => resolve(incoming.statusCode ?? 0))
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end()
  })
}

/** How many there were of each answer, as `{"200": 40}`. */
export function countedAnswers(probes: readonly Probe[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(probes, ({ status }) => String(status))
  return Object.fromEntries([...groups].map(([status, { length }]) => [status, length]))
}

/** The same in words: `40 × 200, 1 × 503`. */
export function answersText(probes: readonly Probe[]): string {
  const answers = Object.entries(countedAnswers(probes))
  return answers.map(([status, count]) => `${count} × ${status}`).join(', ')
}

/** How long answers took at most but for the slowest in a hundred: whole milliseconds as text. */
export function p99Text(probes: readonly Probe[]): string {
  const took = probes.map(({ tookMs }) => tookMs)
  return `${quantile(took, 0.99).toFixed(0)} ms`
}

const REFUSALS_TO_END = 5

/** Whether a node has refused the token so often by now that it will go on. */
export function isRefusedAt(node: number, probes: readonly Probe[]): boolean {
  const last = probes.filter((probe) => probe.node === node).slice(-REFUSALS_TO_END)
  return last.length === REFUSALS_TO_END && last.every(({ status }) => status === 401)
}

/** The value below which that share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
