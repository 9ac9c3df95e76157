import { type FeedReader, NO_REVISION } from '../../fence/change-feed.ts'
import { packedFence } from '../../fence/packed/packed-fence.ts'
import { counted } from '../counted.ts'
import { type Finding, ok, problem } from './finding.ts'

const PAGE_LENGTH = 2000
const NAMED_MAX = 20

/** Reads every record as a node does. */
export async function checkRecords(feed: FeedReader): Promise<Finding> {
  const { tokens, damaged } = await readRecords(feed)
  if (damaged.length === 0) return ok('records', `${counted(tokens, 'token')}, none damaged.`)
  const named = damaged.slice(0, NAMED_MAX).join(', ')
  return problem(
    'records',
    `${damaged.length} of ${tokens} tokens are damaged, and refused with 503: ${named}.`,
    'Mend the lists of each with "keyfence token restrict", or delete it and issue another.',
  )
}

async function readRecords(
  feed: FeedReader,
): Promise<{ readonly tokens: number; readonly damaged: readonly string[] }> {
  const damaged: string[] = []
  let tokens = 0
  let after = NO_REVISION
  for (;;) {
    const { changes } = await feed.read(after, PAGE_LENGTH)
    // A fence for each page: what is read is not kept.
    const fence = packedFence()
    for (const change of changes) {
      if (change.kind !== 'removed') tokens++
      if (!fence.apply(change)) damaged.push(change.tokenId)
      after = change.revision
    }
    if (changes.length < PAGE_LENGTH) return { tokens, damaged }
  }
}
