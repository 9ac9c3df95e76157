import { z } from 'zod'
import { readAnswer } from './managed.ts'
import type { ManagementAnswer, ManagementClient } from './management-client.ts'
import { isDone } from './refusal.ts'

/** A list as far as it was asked for, or the answer that refused it. */
export type CollectedItems =
  | {
      readonly ok: true
      /** As they were answered. */
      readonly items: readonly unknown[]
      /** Whether there are more behind them. */
      readonly more: boolean
    }
  | { readonly ok: false; readonly answer: ManagementAnswer }

const PAGE_LENGTH_MAX = 200
const Page = z.object({ items: z.array(z.unknown()), nextCursor: z.string().optional() })

/** Which list, which of its items, and how many of them. */
export interface AskedItems {
  readonly path: string
  readonly filter: Readonly<Record<string, string | undefined>>
  readonly limit: number
}

/** Reads a list page by page. */
export async function collectItems(
  management: Pick<ManagementClient, 'ask'>,
  { path, filter, limit }: AskedItems,
): Promise<CollectedItems> {
  const items: unknown[] = []
  let cursor: string | undefined
  do {
    const page = { limit: String(Math.min(PAGE_LENGTH_MAX, limit - items.length)), cursor }
    const parameters = Object.entries({ ...filter, ...page }).flatMap(
      ([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]),
    )
    const query = new URLSearchParams(parameters).toString()
    const answer = await management.ask('GET', `${path}?${query}`)
    if (!isDone(answer)) return { ok: false, answer }
    const read = readAnswer(Page, answer.body)
    items.push(...read.items)
    cursor = read.nextCursor
  } while (cursor !== undefined && items.length < limit)
  return { ok: true, items, more: cursor !== undefined }
}
