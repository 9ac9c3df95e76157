import type { GuardWorld } from '../guard/guard-world.ts'
import { type FeedPage, parseFeedPage } from './feed-page.ts'

/** Where a guard asks, and as whom. */
export interface KeyfenceAddress {
  /** Origin and path of the management listener, without a slash at its end. */
  readonly url: string
  readonly key: string
}

/** A place in a feed. */
export interface FeedPosition {
  readonly epoch: string
  readonly revision: number
}

/** Why Keyfence gave no page. The message names no key and no body. */
export class FeedError extends Error {
  /** What it answered; `undefined`: nothing, or nothing readable. */
  readonly status: number | undefined

  constructor(message: string, status: number | undefined) {
    super(message)
    this.name = 'FeedError'
    this.status = status
  }
}

/** A thousand changes with every list and all metadata at their longest. */
const PAGE_BYTES_MAX = 64 * 1024 * 1024
/** Beside the time that Keyfence was asked to wait. */
const ANSWER_MS_MAX = 15_000

/** What is asked for, and by whom: Keyfence lists the guard, and can wait until it has a change. */
export interface FeedQuestion {
  readonly position: FeedPosition | undefined
  readonly waitSeconds: number
  /** Who has applied everything up to the position; `undefined`: nobody has yet. */
  readonly node: GuardNode | undefined
}

/** A guard as Keyfence knows it. */
export interface GuardNode {
  /** By chance, of this run. */
  readonly id: string
  /** For how long it decides after it last asked. */
  readonly maxStalenessMs: number
}

/** Reads one page behind a place, or the first. @throws FeedError */
export async function readFeed(
  { url, key }: KeyfenceAddress,
  asked: FeedQuestion,
  { world, signal }: { readonly world: GuardWorld; readonly signal: AbortSignal },
): Promise<FeedPage> {
  const { position, waitSeconds, node } = asked
  const query = new URLSearchParams({ wait: String(waitSeconds) })
  if (position !== undefined) {
    query.set('epoch', position.epoch)
    query.set('after', String(position.revision))
  }
  const timeout = AbortSignal.timeout(waitSeconds * 1000 + ANSWER_MS_MAX)
  const answer = await world
    .fetch(`${url}/v1/feed?${query.toString()}`, {
      headers: {
        Authorization: `Bearer ${key}`,
        Accept: 'application/json',
        ...(node === undefined ? {} : fieldsOf(node)),
      },
      signal: AbortSignal.any([signal, timeout]),
      // The key is for this address alone.
      redirect: 'manual',
    })
    .catch(() => {
      throw new FeedError('Keyfence cannot be reached', undefined)
    })
  if (answer.status !== 200) {
    await answer.body?.cancel().catch(() => {})
    throw new FeedError(`Keyfence answered ${answer.status} to GET /v1/feed`, answer.status)
  }
  const page = parseFeedPage(await readText(answer))
  if (!page.ok) throw new FeedError(page.problem, undefined)
  return page.value
}

async function readText(answer: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let octets = 0
  try {
    for await (const chunk of chunksOf(answer)) {
      octets += chunk.length
      if (octets > PAGE_BYTES_MAX) throw new FeedError('the feed gave too large a page', undefined)
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (error instanceof FeedError) throw error
    throw new FeedError('the feed broke off within a page', undefined)
  }
}

/** Not every platform iterates over a stream by itself. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  for (;;) {
    const read = await reader?.read()
    if (read?.value === undefined) return
    yield read.value
  }
}

function fieldsOf({ id, maxStalenessMs }: GuardNode): Readonly<Record<string, string>> {
  return {
    'Keyfence-Guard-Id': id,
    'Keyfence-Guard-Max-Staleness-Ms': String(maxStalenessMs),
  }
}
