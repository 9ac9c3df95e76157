import type { Moment } from '../copy/copy-age.ts'
import { type FeedPage, parseFeedPage } from '../feed/feed-page.ts'
import type { GuardAlarm } from '../feed/follow-feed.ts'
import type { KeyfenceAddress } from '../feed/read-feed.ts'
import type { GuardWorld } from './guard-world.ts'
import type { SnapshotFile } from './snapshot-file.ts'

/** What keeping a snapshot needs. */
export interface SnapshotOptions {
  readonly file: SnapshotFile
  readonly keyfence: KeyfenceAddress
  readonly world: GuardWorld
  readonly alarm: (alarm: GuardAlarm) => void
}

/** A copy to start with. */
export interface StartingCopy {
  readonly page: FeedPage
  readonly moment: Moment
  readonly ageMsMax: number
}

/** Keeps the newest change of each token as it came, and writes them for the next start. */
export class SnapshotKeeper {
  readonly #options: SnapshotOptions
  readonly #seal: string
  readonly #changes = new Map<string, { readonly revision: number; readonly written: unknown }>()
  #last: FeedPage | undefined
  #wholeAt: number | undefined
  #savedAt = Number.NEGATIVE_INFINITY
  #saving: Promise<void> = Promise.resolve()

  constructor(options: SnapshotOptions) {
    this.#options = options
    const { url, key } = options.keyfence
    this.#seal = `${url}\n${key}`
  }

  /** The copy that was kept; `undefined` if there is none that may be started with. */
  async load(): Promise<StartingCopy | undefined> {
    const { file, world, alarm } = this.#options
    const loaded = await file.load(this.#seal)
    const usable = loaded.ok ? usableCopy(loaded.snapshot, file.ageMsMax, world) : loaded.because
    if (typeof usable === 'object') return usable
    if (usable !== undefined) alarm({ kind: 'snapshot_unusable', because: usable })
    return undefined
  }

  /** Takes note of a page. @param isFirst everything before it counts no more. */
  note(page: FeedPage, isFirst: boolean): void {
    if (isFirst) this.#changes.clear()
    for (const [at, { tokenId, kind, revision }] of page.changes.entries()) {
      if (kind === 'removed') this.#changes.delete(tokenId)
      else this.#changes.set(tokenId, { revision, written: page.written[at] })
    }
    this.#last = page
    this.#wholeAt = undefined
  }

  /** The copy was whole at that moment: writes it, unless one was written a while ago. */
  keep({ wall }: Moment): void {
    const { file, world } = this.#options
    this.#wholeAt = wall
    const pauseMs = Math.min(SAVE_INTERVAL_MS, file.ageMsMax / 4)
    if (world.monotonicMs() - this.#savedAt < pauseMs) return
    this.#savedAt = world.monotonicMs()
    this.#save()
  }

  /** Writes once more and ends. */
  async close(): Promise<void> {
    this.#save()
    await this.#saving
  }

  #save(): void {
    const { file, alarm } = this.#options
    const savedAt = this.#wholeAt
    if (savedAt === undefined || this.#last === undefined) return
    const text = this.#textOf(this.#last)
    this.#saving = this.#saving
      .then(() => file.save({ savedAt, text }, this.#seal))
      .catch(() => alarm({ kind: 'snapshot_unusable', because: 'it could not be written' }))
  }

  /** A page from the beginning, so that there is one reader for both. */
  #textOf({ epoch, revision, settings }: FeedPage): string {
    const inOrder = [...this.#changes.values()].sort((one, other) => one.revision - other.revision)
    const { tokenFields, tokenQuery } = settings
    return JSON.stringify({
      epoch,
      after: 0,
      revision,
      head: revision,
      settings: {
        ...settings,
        tokenFields: tokenFields.map(({ name, scheme }) => ({ name, scheme: scheme ?? null })),
        tokenQuery: tokenQuery ?? null,
      },
      changes: inOrder.map(({ written }) => written),
    })
  }
}

const SAVE_INTERVAL_MS = 30_000

/** The copy, or why it is not started with. */
function usableCopy(
  { text, savedAt }: { readonly text: string; readonly savedAt: number },
  ageMsMax: number,
  world: GuardWorld,
): StartingCopy | string {
  const ageMs = world.now() - savedAt
  if (ageMs < 0) return 'it is of a time to come'
  if (ageMs > ageMsMax) return 'it is too old'
  const page = parseFeedPage(text)
  if (!page.ok) return 'it cannot be read'
  const moment = { wall: savedAt, monotonic: world.monotonicMs() - ageMs }
  return { page: page.value, moment, ageMsMax }
}
