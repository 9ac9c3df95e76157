/** Fault F12 of docs/reliability.md: SIGKILL at any moment. By hand: `KILLS=1000 SEED=… vitest run kills`. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chance, chanceFrom } from './chance.ts'
import { askData, Ledger } from './ledger.ts'
import { type Listening, type NodeProcess, startNodeProcess } from './node-process.ts'
import { StoredTokens } from './stored-tokens.ts'

// How long a run by hand is, and which one is repeated, is said where it is started.
const { KILLS, SEED } = process.env
const kills = Number(KILLS ?? 200)
const seed = Number(SEED ?? Date.now() % 2 ** 31)
/** Data folders side by side: a start keeps one of two cores busy. */
const LANES = 2
const WRITERS = 3
const CHANGES_MAX = 12
const LAST_CHANGE_MS_MAX = 20
const STARTING_MS_MAX = 800
/** What a failed test leaves running. */
const running = new Set<NodeProcess>()

let upstream: Server
let upstreamPort: number

beforeAll(async () => {
  upstream = createServer((_request, response) => response.end())
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  upstreamPort = (upstream.address() as AddressInfo).port // it listens on TCP
})

afterAll(async () => {
  await Promise.all([...running].map((node) => node.stop('SIGKILL')))
  upstream.closeAllConnections()
  upstream.close()
})

test(
  `of ${kills} kills while writing (seed ${seed}) none loses or tears what was acknowledged`,
  async () => {
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      killRepeatedly(Math.ceil(kills / LANES), chanceFrom(seed + lane)),
    )
    const changes = await Promise.all(lanes)
    // Killing a node that never wrote would show nothing.
    expect(Math.min(...changes)).toBeGreaterThan(kills / LANES)
  },
  60_000 + kills * 3000,
)

/** @returns how many changes were acknowledged. */
async function killRepeatedly(times: number, chance: Chance): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-crash-'))
  const ledger = new Ledger()
  let stored: StoredTokens | undefined
  try {
    for (let kill = 1; kill <= times + 1; kill++) {
      const node = startNodeProcess({ folder, upstreamPort })
      running.add(node)
      const isLast = kill > times
      if (kill % 4 === 0 && !isLast) {
        // Waiting is the fault itself: a quarter of the kills hit a node that starts.
        await delay(chance.below(STARTING_MS_MAX))
        await node.stop('SIGKILL')
        continue
      }
      const listening = await node.ready()
      stored ??= new StoredTokens(folder)
      const broken = await brokenPromises(listening, { ledger, stored })
      expect({ seed, kill, broken }).toEqual({ seed, kill, broken: [] })
      if (!isLast) await writeUntilKilled(listening, { ledger, node, chance })
      await node.stop('SIGKILL')
    }
    const broken = [...(stored?.lost(ledger.tokens) ?? []), ...(stored?.unsound() ?? [])]
    expect({ seed, broken }).toEqual({ seed, broken: [] })
    return ledger.tokens.reduce((sum, { changes }) => sum + changes, 0)
  } finally {
    stored?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function brokenPromises(
  listening: Listening,
  { ledger, stored }: { readonly ledger: Ledger; readonly stored: StoredTokens },
): Promise<string[]> {
  const { touched, surprises } = ledger
  const data = await askData(listening, touched)
  const broken = [...surprises, ...data, ...stored.lost(touched), ...stored.torn()]
  ledger.settle()
  return broken
}

async function writeUntilKilled(
  listening: Listening,
  {
    ledger,
    node,
    chance,
  }: { readonly ledger: Ledger; readonly node: NodeProcess; readonly chance: Chance },
): Promise<void> {
  let left = 1 + chance.below(CHANGES_MAX)
  const enough = Promise.withResolvers<void>()
  const acknowledged = (): void => {
    if (--left === 0) enough.resolve()
  }
  const writers = Array.from({ length: WRITERS }, () =>
    ledger.write(listening, chance, acknowledged),
  )
  await enough.promise
  await delay(chance.below(LAST_CHANGE_MS_MAX))
  await node.stop('SIGKILL')
  await Promise.all(writers)
}
