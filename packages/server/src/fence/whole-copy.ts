import type { TokenId } from '../identifier/identifier.ts'
import type { FeedPosition } from './follow.ts'
import type { TableImage } from './packed/token-table.ts'

/** Every token of a store as it stood at one moment, packed: what the whole feed up to there leads to. */
export interface WholeCopy {
  readonly position: FeedPosition
  readonly image: TableImage
  /** The tokens that are refused because their record is damaged. */
  readonly unreadable: readonly { readonly tokenId: TokenId; readonly because: string }[]
}

/**
 * Reads a whole copy. For a first copy alone: who has one follows the feed.
 * @returns `undefined` where the feed is as good a way.
 */
export type ReadWholeCopy = () => Promise<WholeCopy | undefined>
