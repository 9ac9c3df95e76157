import type { EpochMs } from '@keyfence/core'
import { copiedText } from './inert-text.ts'
import type { Observation } from './observation.ts'

/** What told the address of a request: of all that was received these two alone, and never a token. */
export interface SeenClient {
  readonly at: EpochMs
  readonly peer: string | undefined
  /** The values of its `X-Forwarded-For` lines, in order. */
  readonly forwardedFor: readonly string[]
}

/** Longer than 32 addresses are; what is longer is refused by its count. */
const VALUE_LENGTH_MAX = 2048
const VALUES_MAX = 33

/** Keeps what told the address of the last judged request, for people who set up trusted proxies. */
export class LastClient {
  #last: SeenClient | undefined

  get last(): SeenClient | undefined {
    return this.#last
  }

  /** Of the request itself nothing is held on to. */
  note({ verdict, peer }: Observation, now: EpochMs): void {
    // No request was judged: its caller may not ask.
    if (verdict.reason === 'check_caller_not_trusted') return
    const forwardedFor = verdict.evidence.forwardedFor.slice(0, VALUES_MAX)
    this.#last = {
      at: now,
      peer,
      forwardedFor: forwardedFor.map((value) => copiedText(value.slice(0, VALUE_LENGTH_MAX))),
    }
  }
}

/** The later of two. */
export function laterClient(
  one: SeenClient | undefined,
  other: SeenClient | undefined,
): SeenClient | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one.at >= other.at ? one : other
}
