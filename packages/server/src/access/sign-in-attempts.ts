import {
  type EpochMs,
  formatIpAddress,
  formatIpRange,
  type IpAddress,
  parseIpAddressOrRange,
} from '@keyfence/core'

/** How many attempts may fail in a window, and how much is remembered. */
export interface AttemptLimits {
  readonly windowMs: number
  readonly perNameMax: number
  readonly perAddressMax: number
  /** Names and addresses together: a flood of new ones must not fill the memory. */
  readonly remembered: number
}

export const ATTEMPT_LIMITS: AttemptLimits = {
  windowMs: 15 * 60_000,
  perNameMax: 10,
  perAddressMax: 50,
  remembered: 20_000,
}

/**
 * Counts attempts to sign in, by name and by address, whether the name exists or not. In memory: each
 * node counts for itself. An attempt counts before its password is looked at, so that many at once
 * gain nothing.
 */
export class SignInAttempts {
  readonly #limits: AttemptLimits
  /** In the order in which their windows began. */
  readonly #windows = new Map<string, { readonly began: EpochMs; attempts: number }>()

  constructor(limits: AttemptLimits = ATTEMPT_LIMITS) {
    this.#limits = limits
  }

  /**
   * Counts one attempt.
   * @returns how long to wait, in milliseconds, if it is one too many; `undefined`: go on
   */
  count(who: Attempt, now: EpochMs): number | undefined {
    const { perNameMax, perAddressMax, windowMs } = this.#limits
    this.#forget(now)
    const waits = [
      this.#add(`name ${who.nameKey}`, now, perNameMax),
      this.#add(`address ${who.address}`, now, perAddressMax),
    ]
    const began = Math.max(...waits.map((wait) => wait ?? Number.NEGATIVE_INFINITY))
    return Number.isFinite(began) ? began + windowMs - now : undefined
  }

  /** The name has shown the right password: its attempts do not count any more. */
  succeeded(who: Attempt): void {
    this.#windows.delete(`name ${who.nameKey}`)
  }

  #add(key: string, now: EpochMs, max: number): EpochMs | undefined {
    const window = this.#windows.get(key)
    if (window === undefined) {
      this.#windows.set(key, { began: now, attempts: 1 })
      return undefined
    }
    window.attempts++
    return window.attempts > max ? window.began : undefined
  }

  #forget(now: EpochMs): void {
    const { windowMs, remembered } = this.#limits
    for (const [key, { began }] of this.#windows) {
      const isOver = Math.abs(now - began) >= windowMs
      if (!isOver && this.#windows.size <= remembered) return
      this.#windows.delete(key)
    }
  }
}

/** Who attempts to sign in. */
export interface Attempt {
  readonly nameKey: string
  /** As {@link countedAddress} gives it. */
  readonly address: string
}

/**
 * What attempts from an address are counted by: itself, or its block of 64 bits where it is IPv6, of
 * which one line has all addresses (RFC 6177 §2). All whose address cannot be read are counted as one.
 */
export function countedAddress(address: IpAddress | undefined): string {
  if (address === undefined) return ''
  const text = formatIpAddress(address)
  const block = parseIpAddressOrRange(`${text}/64`)
  return address.version === 6 && block.ok ? formatIpRange(block.value) : text
}
