import type { EpochMs } from '@keyfence/core'

/** Where a copy is kept for the next start; `@keyfence/guard/snapshot` has one for a file. */
export interface SnapshotFile {
  /** How old a copy may be to be started with, in milliseconds. */
  readonly ageMsMax: number
  /** @param seal what the copy was sealed with; another one opens nothing. Never rejects. */
  load(seal: string): Promise<LoadedSnapshot>
  /** Replaces what was kept, or leaves it as it is. @throws what keeps it from that */
  save(snapshot: SavedSnapshot, seal: string): Promise<void>
}

/** A copy, and when it was whole. */
export interface SavedSnapshot {
  readonly savedAt: EpochMs
  readonly text: string
}

/** `because` is `undefined` where nothing was kept. */
export type LoadedSnapshot =
  | { readonly ok: true; readonly snapshot: SavedSnapshot }
  | { readonly ok: false; readonly because: string | undefined }
