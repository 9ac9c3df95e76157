import type { RestrictionSettings } from '@keyfence/core'
import type { TokenActivity } from '../api/client.ts'
import type { ListEntry } from '../restriction/draft.ts'
import type { ListKind } from '../restriction/list-kind.ts'

/** One list while it is edited, and how to change it. */
export interface EditedList {
  readonly kind: ListKind
  readonly enabled: boolean
  readonly entries: readonly ListEntry[]
  readonly settings: RestrictionSettings
  /** Where calls came from. */
  readonly seen: readonly TokenActivity['seen'][number][]
  readonly isReadOnly: boolean
  /** What stands in its box, not added yet. */
  readonly typed: string
  readonly onSwitch: (enabled: boolean) => void
  readonly onTyped: (typed: string) => void
  readonly onEntries: (entries: readonly ListEntry[]) => void
}
