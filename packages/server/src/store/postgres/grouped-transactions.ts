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
 * @param waitMs longest wait for those before; 0: no limit.
 */
export function groupedTransactions(db: Kysely<Schema>, waitMs: number): Transact {
  const waiting = new Set<Member>()
  let isRunning = false
  const runWaiting = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    while (waiting.size > 0) {
      const members = [...waiting].slice(0, MEMBERS_MAX)
      for (const member of members) {
        waiting.delete(member)
        clearTimeout(member.timeout)
      }
      await runTogether(db, members)
    }
    isRunning = false
  }
  return (work) =>
    new Promise((resolve, reject) => {
      const member: Member = {
        runAlone: () => db.transaction().execute(work).then(resolve, reject),
        runWithOthers: (transaction) => work(transaction).then((result) => () => resolve(result)),
        fail: reject,
        timeout: timeoutAfter(waitMs, () => {
          waiting.delete(member)
          reject(new StoreError('store_unavailable', 'The database is busy with what came before.'))
        }),
      }
      waiting.add(member)
      void runWaiting()
    })
}

interface Member {
  readonly runAlone: () => Promise<void>
  /** Resolves with what tells it that it was kept. */
  readonly runWithOthers: (transaction: Transaction<Schema>) => Promise<() => void>
  readonly fail: (error: unknown) => void
  readonly timeout: NodeJS.Timeout | undefined
}

/** Never rejects. */
async function runTogether(db: Kysely<Schema>, members: readonly Member[]): Promise<void> {
  const [only, ...others] = members
  if (only !== undefined && others.length === 0) return only.runAlone()
  try {
    const kept = await db.transaction().execute((transaction) => runEach(transaction, members))
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
  for (const { runWithOthers, fail } of members) {
    // The newest of this name is the one that is rolled back to.
    await sql`savepoint member`.execute(transaction)
    try {
      kept.push(await runWithOthers(transaction))
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
