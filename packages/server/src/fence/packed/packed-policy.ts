import type {
  CompiledList,
  CompiledRestrictions,
  Domain,
  IpAddress,
  TokenLife,
  TokenMode,
  TokenPolicy,
  TokenStatus,
} from '@keyfence/core'
import { matchesDomains, matchesIps } from './lists.ts'
import { type Heap, timeAt, wordAt } from './heap.ts'
import {
  domainCount,
  FLAGS,
  headOf,
  ipCount,
  textReferenceAt,
  TIME_WORDS,
  timesAt,
} from './record.ts'
import { idOf } from './token-id.ts'
import { metadataAt, ownerAt } from './text.ts'

/**
 * A token's policy, read from the heap when it is asked for: one small object, which is its own
 * life and its own restrictions too, so that a decision makes no other. A record never changes, so
 * the policy stays what it was when it was looked up.
 */
export class PackedPolicy implements TokenPolicy, TokenLife, CompiledRestrictions {
  readonly #heap: Heap
  readonly #record: number
  #tokenId: string | undefined
  #owner: string | undefined
  #metadata: Readonly<Record<string, string>> | undefined

  constructor(heap: Heap, record: number) {
    this.#heap = heap
    this.#record = record
  }

  /** Whether it is read from that record of its heap. */
  isOf(record: number): boolean {
    return record === this.#record
  }

  get tokenId(): string {
    this.#tokenId ??= idOf(this.#heap, this.#record)
    return this.#tokenId
  }

  get owner(): string {
    this.#owner ??= ownerAt(this.#heap, this.#textOffset())
    return this.#owner
  }

  get metadata(): Readonly<Record<string, string>> {
    this.#metadata ??= metadataAt(this.#heap, this.#textOffset())
    return this.#metadata
  }

  get life(): TokenLife {
    return this
  }

  get restrictions(): CompiledRestrictions {
    return this
  }

  get mode(): TokenMode {
    return this.#has(FLAGS.report) ? 'report' : 'enforce'
  }

  get status(): TokenStatus {
    return STATUSES[headOf(this.#heap, this.#record) & FLAGS.status] ?? 'revoked'
  }

  get notBefore(): number | undefined {
    if (!this.#has(FLAGS.notBefore)) return undefined
    return timeAt(this.#heap, timesAt(this.#heap, this.#record))
  }

  get expiresAt(): number | undefined {
    if (!this.#has(FLAGS.expiresAt)) return undefined
    const behindNotBefore = this.#has(FLAGS.notBefore) ? TIME_WORDS : 0
    return timeAt(this.#heap, timesAt(this.#heap, this.#record) + behindNotBefore)
  }

  get domains(): CompiledList<Domain> {
    return this.#has(FLAGS.domainsOn) ? new PackedDomains(this.#heap, this.#record) : OFF
  }

  get ips(): CompiledList<IpAddress> {
    return this.#has(FLAGS.ipsOn) ? new PackedIps(this.#heap, this.#record) : OFF
  }

  #has(flag: number): boolean {
    return (headOf(this.#heap, this.#record) & flag) !== 0
  }

  #textOffset(): number {
    return wordAt(this.#heap, textReferenceAt(this.#heap, this.#record))
  }
}

/** In the order of their numbers in the head. */
export const STATUSES: readonly TokenStatus[] = ['active', 'disabled', 'revoked']

const OFF = { mode: 'off' } as const

class PackedDomains {
  readonly mode = 'on'
  readonly #heap: Heap
  readonly #record: number

  constructor(heap: Heap, record: number) {
    this.#heap = heap
    this.#record = record
  }

  get isEmpty(): boolean {
    return domainCount(this.#heap, this.#record) === 0
  }

  matches(domain: Domain): boolean {
    return matchesDomains(this.#heap, this.#record, domain)
  }
}

class PackedIps {
  readonly mode = 'on'
  readonly #heap: Heap
  readonly #record: number

  constructor(heap: Heap, record: number) {
    this.#heap = heap
    this.#record = record
  }

  get isEmpty(): boolean {
    return ipCount(this.#heap, this.#record) === 0
  }

  matches(address: IpAddress): boolean {
    return matchesIps(this.#heap, this.#record, address)
  }
}
