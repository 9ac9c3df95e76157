import {
  type CompiledList,
  type Domain,
  type DomainPattern,
  formatIpAddress,
  type IpAddress,
  type IpRange,
  type PatternList,
  rangeContains,
} from '@keyfence/core'

/**
 * The domains of one token in one text: compiled to an object and two texts for each entry, a list
 * took four times the room. Matches what the patterns match.
 */
export function copiedDomains(list: PatternList<DomainPattern>): CompiledList<Domain> {
  return list.mode === 'off' ? OFF : new CopiedDomains(list.patterns)
}

/** The addresses of one token: single ones in one text, in canonical form, and blocks beside it. */
export function copiedAddresses(list: PatternList<IpRange>): CompiledList<IpAddress> {
  return list.mode === 'off' ? OFF : new CopiedAddresses(list.patterns)
}

const OFF = { mode: 'off' } as const

/** Stands before and behind each entry, and in none. */
const END = '\n'
const NEWLINE = 10
/** Stands before the suffix of an entry that matches what is below it: `*.example.com`. */
const BELOW = '*'

class CopiedDomains {
  readonly #text: string

  constructor(patterns: readonly DomainPattern[]) {
    const entries: string[] = []
    for (const { exact, suffix } of patterns) {
      if (exact !== undefined) entries.push(exact)
      if (suffix !== undefined) entries.push(BELOW + suffix)
    }
    this.#text = textOf(entries)
  }

  get mode(): 'on' {
    return 'on'
  }

  get isEmpty(): boolean {
    return this.#text === ''
  }

  matches(domain: Domain): boolean {
    if (hasEntry(this.#text, domain)) return true
    if (!this.#text.includes(BELOW)) return false
    for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
      if (hasEntry(this.#text, BELOW + domain.slice(dot))) return true
    }
    return false
  }
}

class CopiedAddresses {
  readonly #text: string
  /** `undefined`: there is none, and no list is made for it. */
  readonly #blocks: readonly IpRange[] | undefined

  constructor(ranges: readonly IpRange[]) {
    const blocks = ranges.filter((range) => !isSingle(range))
    this.#text = textOf(ranges.filter(isSingle).map(({ first }) => formatIpAddress(first)))
    this.#blocks = blocks.length === 0 ? undefined : blocks
  }

  get mode(): 'on' {
    return 'on'
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#blocks === undefined
  }

  matches(address: IpAddress): boolean {
    if (this.#text !== '' && hasEntry(this.#text, formatIpAddress(address))) return true
    return this.#blocks?.some((block) => rangeContains(block, address)) ?? false
  }
}

function isSingle({ first, prefixLength }: IpRange): boolean {
  return prefixLength === (first.version === 4 ? 32 : 128)
}

function textOf(entries: readonly string[]): string {
  return entries.length === 0 ? '' : flat(END + entries.join(END) + END)
}

/** In one piece: what `+` gives is a tree that keeps its parts, until somebody searches it. */
function flat(text: string): string {
  text.includes(BELOW)
  return text
}

/** Whether an entry is exactly this. What is looked for has no newline in it. */
function hasEntry(text: string, entry: string): boolean {
  for (let at = text.indexOf(entry); at !== -1; at = text.indexOf(entry, at + 1)) {
    if (text.charCodeAt(at - 1) === NEWLINE && text.charCodeAt(at + entry.length) === NEWLINE) {
      return true
    }
  }
  return false
}
