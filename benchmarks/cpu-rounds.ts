import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { costOf, inTurns, ratioOf, type Rounds } from './rounds.ts'
import { figureText, type Row } from './row.ts'

/** One of the servers that are compared: a script of `servers/` that answers CPU questions. */
export interface ComparedServer {
  readonly script: string
  readonly parameters?: readonly string[]
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
 * Compares servers by the CPU time (user and system) of a request, in microseconds. They take turns,
 * so their order here is that of the columns.
 */
export async function cpuRounds(servers: readonly ComparedServer[], load: Load): Promise<Rounds> {
  const running = await Promise.all(servers.map(start))
  try {
    const contestants = running.map((server) => () => cpuOfRound(server, load))
    return await inTurns(contestants, { rounds: load.rounds, warmUp: 1 })
  } finally {
    for (const { child } of running) child.kill()
  }
}

/** Which of the servers a row is about. */
export interface RatioRow extends Pick<Row, 'benchmark' | 'name' | 'goalMax'> {
  readonly contestant: number
  /** The one that it is compared with; the first if it is not given. */
  readonly floor?: number
}

/** What the rounds showed of one server: its CPU against another one's, and its CPU. */
export function ratioRow(rounds: Rounds, { contestant, floor = 0, ...row }: RatioRow): Row {
  const { median: figure, spread } = ratioOf(rounds, contestant, floor)
  const beside = figureText(costOf(rounds, contestant).median, 'µs')
  return { ...row, figure, unit: '×', beside, spread }
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

async function start({ script, parameters = [] }: ComparedServer): Promise<Running> {
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
