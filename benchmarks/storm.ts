/**
 * What good requests feel while somebody floods: 2,000 connections that drip, or 95 % unknown tokens.
 * `node benchmarks/storm.ts [--quick]` compares the p99 of good requests in each storm with that of the
 * calm before it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { benchmarkOptions } from './command-line.ts'
import { costOf, quantile, ratioOf } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'

const GOOD_PER_SECOND = 100
const PHASE_MS = 6000
const PHASES = 3
const DRIPPING = 2000

/** How long good requests took, in milliseconds: calm, with dripping connections, flooded. */
type TimesOfPhase = readonly [readonly number[], readonly number[], readonly number[]]

const { isQuick } = benchmarkOptions()
const api = fork(join(import.meta.dirname, 'servers/constant.ts'), ['64'])
const [{ port: apiPort }] = (await once(api, 'message')) as [{ port: number }] // its first message
const keyfence = fork(join(import.meta.dirname, 'servers/keyfence-proxy.ts'), [String(apiPort)])
const [{ port }] = (await once(keyfence, 'message')) as [{ port: number }] // its first message
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

const phases: TimesOfPhase[] = []
for (let phase = 0; phase < (isQuick ? 1 : PHASES); phase++) {
  const calm = await goodRequests()
  const sockets = await openDripping()
  const dripping = await goodRequests()
  for (const socket of sockets) socket.destroy()
  const flood = await startFlood()
  const flooded = await goodRequests()
  flood.kill()
  phases.push([calm, dripping, flooded])
}
const p99 = phases.map((times) => times.map((all) => quantile(all, 0.99)))
report(
  ['calm', '2,000 dripping connections', '95 % unknown tokens'].map((name, at): Row => {
    const { median: figure, spread } = ratioOf(p99, at)
    const beside = figureText(costOf(p99, at).median, 'ms')
    const row = { benchmark: 'storm', name: `${name}: p99 of good requests`, figure, beside }
    return { ...row, unit: '×', spread, ...(at === 0 ? {} : { goalMax: 2 }) }
  }),
)
agent.destroy()
keyfence.kill()
api.kill()

/** Times of good requests sent at a fixed rate, whether the earlier ones are answered or not. */
async function goodRequests(): Promise<number[]> {
  const times: Promise<number>[] = []
  const end = performance.now() + PHASE_MS
  while (performance.now() < end) {
    times.push(ask('benchmark-token', 200))
    await new Promise((resolve) => setTimeout(resolve, 1000 / GOOD_PER_SECOND))
  }
  return Promise.all(times)
}

function ask(token: string, expected: number): Promise<number> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, origin: 'https://shop.example' }
    request({ port, agent, headers }, (answer) => {
      answer.resume()
      if (answer.statusCode !== expected) reject(new Error(`${answer.statusCode}`))
      answer.on('end', () => resolve(performance.now() - started))
    })
      .on('error', reject)
      .end()
  })
}

async function openDripping(): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: DRIPPING }, async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      await once(socket, 'connect')
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
      const drip = setInterval(() => socket.write('X'), 1000)
      socket.on('close', () => clearInterval(drip))
      return socket
    }),
  )
}

/** Nineteen unknown tokens for each good request. */
async function startFlood(): Promise<ChildProcess> {
  const flood = fork(join(import.meta.dirname, 'servers/flood.ts'), [String(port)])
  await once(flood, 'message')
  return flood
}
