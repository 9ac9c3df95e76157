import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Chance, chanceFrom } from './chance.ts'
import { askData, Ledger } from './ledger.ts'
import type { Listening, NodeProcess } from './node-process.ts'
import { type StoredRows, StoredTokens } from './stored-tokens.ts'

/** A node that is killed again and again, always on the same store. */
export interface KilledNode {
  readonly start: () => NodeProcess
  /** Called once the first start is ready: the store is there. */
  readonly openRows: () => StoredRows
  readonly seed: number
}

const WRITERS = 3
const CHANGES_MAX = 12
const LAST_CHANGE_MS_MAX = 20
const STARTING_MS_MAX = 800
/** A thousand take half an hour. */
const KILLS_PER_NOTE = 100

/**
 * Kills a node while it writes or starts, and looks after each start whether what was acknowledged is kept
 * and whole. @returns how many changes were acknowledged.
 */
export async function killRepeatedly(
  times: number,
  { start, openRows, seed }: KilledNode,
): Promise<number> {
  const chance = chanceFrom(seed)
  const ledger = new Ledger()
  let stored: StoredTokens | undefined
  try {
    for (let kill = 1; kill <= times + 1; kill++) {
      const node = start()
      const isLast = kill > times
      if (kill % KILLS_PER_NOTE === 0) process.stdout.write(`${kill} of ${times} kills\n`)
      if (kill % 4 === 0 && !isLast) {
        // Waiting is the fault itself: a quarter of the kills hit a node that starts.
        await delay(chance.below(STARTING_MS_MAX))
        await node.stop('SIGKILL')
        continue
      }
      const listening = await node.ready()
      stored ??= new StoredTokens(openRows())
      const broken = await brokenPromises(listening, { ledger, stored })
      expect({ seed, kill, broken }).toEqual({ seed, kill, broken: [] })
      if (!isLast) await writeUntilKilled(listening, { ledger, node, chance })
      await node.stop('SIGKILL')
    }
    const broken = [
      ...((await stored?.lost(ledger.tokens)) ?? []),
      ...((await stored?.unsound()) ?? []),
    ]
    expect({ seed, broken }).toEqual({ seed, broken: [] })
    return ledger.tokens.reduce((sum, { changes }) => sum + changes, 0)
  } finally {
    await stored?.close()
  }
}

async function brokenPromises(
  listening: Listening,
  { ledger, stored }: { readonly ledger: Ledger; readonly stored: StoredTokens },
): Promise<string[]> {
  const { touched, surprises } = ledger
  const data = await askData(listening, touched)
  const lost = await stored.lost(touched)
  const broken = [...surprises, ...data, ...lost, ...(await stored.torn())]
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
