import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'

/** One of the servers that are compared: a script of `servers/` that answers CPU questions. */
export interface Contestant {
  readonly name: string
  readonly script: string
  readonly parameters?: readonly string[]
}

/** What the rounds showed of one contestant. */
export interface RoundsResult {
  readonly name: string
  /** Median CPU time (user and system) of a request, in microseconds. */
  readonly cpuUs: number
  /** Median over the rounds of CPU against the first contestant's in the same round. */
  readonly ratio: number
  /** (p75 − p25) / median of that ratio. */
  readonly spread: number
}

/** How much is sent. The connections of a round are kept alive. */
export interface Load {
  /** The octets of one request. */
  readonly request: string
  /** How many octets an answer's body has, so that its end is known without parsing. */
  readonly bodyBytes: number
  readonly rounds: number
  readonly requestsPerRound: number
  readonly connections: number
}

/**
 * Compares servers by the CPU time of a request, the first being the floor. Contestants take turns
 * in each round, in an order that reverses: the machine's speed changes between minutes, and only
 * ratios within a round mean something.
 */
export async function cpuRounds(
  contestants: readonly Contestant[],
  load: Load,
): Promise<readonly RoundsResult[]> {
  const running = await Promise.all(contestants.map(start))
  try {
    for (const { port } of running) await send(port, { ...load, rounds: 1 })
    const rounds: number[][] = []
    for (let round = 0; round < load.rounds; round++) {
      const order = round % 2 === 0 ? running : running.toReversed()
      const cpu = new Map<ChildProcess, number>()
      for (const server of order) cpu.set(server.child, await cpuOfRound(server, load))
      rounds.push(running.map(({ child }) => cpu.get(child) ?? Number.NaN))
    }
    return contestants.map(({ name }, at) => resultOf(name, at, rounds))
  } finally {
    for (const { child } of running) child.kill()
  }
}

/** Results as a table for the terminal and for README.md. */
export function roundsTable(results: readonly RoundsResult[]): string {
  const rows = results.map(
    ({ name, cpuUs, ratio, spread }) =>
      `| ${name} | ${cpuUs.toFixed(1)} | ${ratio.toFixed(2)} | ±${(spread * 100).toFixed(0)} % |`,
  )
  return ['| server | CPU µs | ratio | spread |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

async function start({ script, parameters = [] }: Contestant): Promise<Running> {
  const child = fork(join(import.meta.dirname, 'servers', script), parameters)
  const [message] = (await once(child, 'message')) as [{ port: number }] // what `servers/` sends first
  return { child, port: message.port }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage] // the answer to it
  return usage.user + usage.system
}

async function cpuOfRound({ child, port }: Running, load: Load): Promise<number> {
  const before = await cpuOf(child)
  await send(port, load)
  return ((await cpuOf(child)) - before) / load.requestsPerRound
}

function send(port: number, load: Load): Promise<void> {
  let left = load.requestsPerRound
  const request = Buffer.from(load.request, 'latin1')
  const connections = Array.from({ length: load.connections }, async () => {
    const socket = connect(port, '127.0.0.1').setNoDelay()
    await once(socket, 'connect')
    let received = 0
    let expected = 0
    await new Promise<void>((resolve, reject) => {
      const next = (): void => {
        received = expected = 0
        if (left-- > 0) socket.write(request)
        else resolve()
      }
      socket.on('data', (chunk) => {
        if (expected === 0) {
          const head = chunk.indexOf('\r\n\r\n')
          if (!chunk.toString('latin1', 0, 12).includes('200')) reject(new Error(String(chunk)))
          expected = head + 4 + load.bodyBytes
        }
        received += chunk.length
        if (received >= expected) next()
      })
      socket.on('error', reject)
      next()
    })
    socket.destroy()
  })
  return Promise.all(connections).then(() => undefined)
}

function resultOf(name: string, at: number, rounds: readonly number[][]): RoundsResult {
  const own = rounds.map((round) => round[at] ?? Number.NaN)
  const ratios = rounds.map((round) => (round[at] ?? Number.NaN) / (round[0] ?? Number.NaN))
  const spread = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / quantile(ratios, 0.5)
  return { name, cpuUs: quantile(own, 0.5), ratio: quantile(ratios, 0.5), spread }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
}
