import { type Kysely, sql, type Transaction } from 'kysely'
import { write } from '../kysely/deferred-write.ts'
import type { Transact } from '../kysely/kysely-store.ts'
import type { Schema } from '../kysely/schema.ts'
import { StoreError } from '../store-error.ts'

/** A large group would keep its first member from its answer, and a long one other nodes from their turn. */
const MEMBERS_MAX = 16
const GROUP_MS_MAX = 200

/** How transactions wait for each other. */
export interface GroupOptions {
  /** Longest wait until one begins; 0: no limit. */
  readonly waitMs: number
  /** The machine's own if it is not given. */
  readonly monotonicMs?: () => number
}

/**
 * Transactions that take turns, as all that write do: those that came while one was running run as one,
 * each undone alone if it fails. So a busy node waits once for its turn and for the disk, where each of
 * them would wait for both, and other nodes are woken once.
 */
export function groupedTransactions(db: Kysely<Schema>, options: GroupOptions): Transact {
  const groups = new TransactionGroups(db, options)
  return (work) => groups.run(work)
}

class TransactionGroups {
  readonly #db: Kysely<Schema>
  readonly #waitMs: number
  readonly #monotonicMs: () => number
  readonly #waiting = new Set<Member>()
  #isRunning = false

  constructor(db: Kysely<Schema>, { waitMs, monotonicMs = () => performance.now() }: GroupOptions) {
    this.#db = db
    this.#waitMs = waitMs
    this.#monotonicMs = monotonicMs
  }

  run<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let isLate = false
      const timeout = timeoutAfter(this.#waitMs, () => {
        isLate = true
        this.#waiting.delete(member)
        reject(BUSY)
      })
      const member: Member = {
        run: async (transaction) => {
          clearTimeout(timeout)
          if (isLate) throw BUSY
          const result = await work(transaction)
          return () => resolve(result)
        },
        fail: (error) => {
          clearTimeout(timeout)
          reject(error)
        },
      }
      this.#waiting.add(member)
      void this.#runWaiting()
    })
  }

  async #runWaiting(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#waiting.size > 0) await this.#runGroup()
    this.#isRunning = false
  }

  /** Never rejects. */
  async #runGroup(): Promise<void> {
    const members = [...this.#waiting].slice(0, MEMBERS_MAX)
    for (const member of members) this.#waiting.delete(member)
    const left = [...members]
    try {
      const kept = await this.#db
        .transaction()
        .execute((transaction) => this.#runEach(transaction, left))
      for (const tell of kept) tell()
    } catch (error) {
      for (const { fail } of members) fail(error)
      return
    }
    this.#waitAgain(left)
  }

  /** Takes those that it runs from `left`. @returns what tells each that it was kept */
  async #runEach(
    transaction: Transaction<Schema>,
    left: Member[],
  ): Promise<readonly (() => void)[]> {
    const isAlone = left.length === 1
    const until = this.#monotonicMs() + GROUP_MS_MAX
    const kept: (() => void)[] = []
    do {
      const member = left.shift()
      if (member === undefined) break
      if (isAlone) kept.push(await member.run(transaction))
      else kept.push(...(await runUndoable(transaction, member)))
    } while (this.#monotonicMs() < until)
    return kept
  }

  #waitAgain(members: readonly Member[]): void {
    const later = [...this.#waiting]
    this.#waiting.clear()
    for (const member of [...members, ...later]) this.#waiting.add(member)
  }
}

interface Member {
  /** Resolves with what tells it that it was kept. */
  readonly run: (transaction: Transaction<Schema>) => Promise<() => void>
  readonly fail: (error: unknown) => void
}

const BUSY = new StoreError('store_unavailable', 'The database is busy with what came before.')

/** @returns what tells it that it was kept; nothing if it was undone, and told so */
async function runUndoable(
  transaction: Transaction<Schema>,
  { run, fail }: Member,
): Promise<readonly (() => void)[]> {
  await write(transaction, sql`savepoint member`)
  try {
    const kept = await run(transaction)
    // Not before all of it is answered.
    await sql`release savepoint member`.execute(transaction)
    return [kept]
  } catch (error) {
    fail(error)
    // Released too: one that was left standing would be where the next one's failure leads back to, past
    // members that were kept. Where there is none, the group fails.
    await sql`rollback to savepoint member; release savepoint member`.execute(transaction)
    return []
  }
}

function timeoutAfter(waitMs: number, expired: () => void): NodeJS.Timeout | undefined {
  return waitMs === 0 ? undefined : setTimeout(expired, waitMs)
}
