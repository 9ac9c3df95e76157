import { once } from 'node:events'
import type { WholeCopy } from '../../fence/whole-copy.ts'
import { startThread } from '../../thread/start-thread.ts'

/**
 * Reads every token of a database file in a thread of its own, beside whoever writes there.
 * @returns `undefined` where only the feed tells what is damaged. Rejects with what SQLite throws.
 */
export async function copySqlite(path: string): Promise<WholeCopy | undefined> {
  const thread = startThread(import.meta.url, './copy-thread', { workerData: { path } })
  const [copy] = (await once(thread, 'message')) as [WholeCopy | undefined] // what it posts
  return copy
}
