import { type Kysely, sql, type Transaction } from 'kysely'
import type { Transact } from '../kysely/kysely-store.ts'
import type { Schema } from '../kysely/schema.ts'
import { StoreError } from '../store-error.ts'

/** A large group would keep the turn to write from other nodes, and its first member from its answer. */
const MEMBERS_MAX = 16

/**
 * Transactions that take turns, as all that write do: those that came while one was running run as one,
 * each undone alone if it fails. So a busy node waits once for its turn and for the disk, where each of
 * them would wait for both, and other nodes are woken once.
 * @param waitMs longest wait until one begins; 0: no limit.
 */
export function groupedTransactions(db: Kysely<Schema>, waitMs: number): Transact {
  const waiting = new Set<Member>()
  let isRunning = false
  const runWaiting = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    while (waiting.size > 0) {
      const members = [...waiting].slice(0, MEMBERS_MAX)
      for (const member of members) waiting.delete(member)
      await runTogether(db, members)
    }
    isRunning = false
  }
  return (work) =>
    new Promise((resolve, reject) => {
      let isLate = false
      const timeout = timeoutAfter(waitMs, () => {
        isLate = true
        waiting.delete(member)
        reject(BUSY)
      })
      const run = async (transaction: Transaction<Schema>): Promise<() => void> => {
        clearTimeout(timeout)
        if (isLate) throw BUSY
        const result = await work(transaction)
        return () => resolve(result)
      }
      const fail = (error: unknown): void => {
        clearTimeout(timeout)
        reject(error)
      }
      const member: Member = { run, fail }
      waiting.add(member)
      void runWaiting()
    })
}

interface Member {
  /** Resolves with what tells it that it was kept. */
  readonly run: (transaction: Transaction<Schema>) => Promise<() => void>
  readonly fail: (error: unknown) => void
}

const BUSY = new StoreError('store_unavailable', 'The database is busy with what came before.')

/** Never rejects. */
async function runTogether(db: Kysely<Schema>, members: readonly Member[]): Promise<void> {
  const [only, ...others] = members
  const isOne = only !== undefined && others.length === 0
  try {
    const kept = await db
      .transaction()
      .execute(async (transaction) =>
        isOne ? [await only.run(transaction)] : runEach(transaction, members),
      )
    for (const tell of kept) tell()
  } catch (error) {
    for (const { fail } of members) fail(error)
  }
}

async function runEach(
  transaction: Transaction<Schema>,
  members: readonly Member[],
): Promise<readonly (() => void)[]> {
  const kept: (() => void)[] = []
  for (const { run, fail } of members) {
    // The newest of this name is the one that is rolled back to.
    await sql`savepoint member`.execute(transaction)
    try {
      kept.push(await run(transaction))
    } catch (error) {
      fail(error)
      await sql`rollback to savepoint member`.execute(transaction)
    }
  }
  return kept
}

function timeoutAfter(waitMs: number, expired: () => void): NodeJS.Timeout | undefined {
  return waitMs === 0 ? undefined : setTimeout(expired, waitMs)
}
