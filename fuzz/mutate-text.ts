import type { Random } from './random.ts'

/** What a mutation draws from. */
export interface MutationSource {
  readonly random: Random
  readonly shape: 'text' | 'json'
  readonly pieces: readonly string[]
  /** Other inputs, to take parts of; the mutated one may be among them. */
  readonly corpus: readonly string[]
  readonly lengthMax: number
}

/** The text after one step. */
export function mutatedText(text: string, source: MutationSource): string {
  return source.random.of(STEPS)(text, source)
}

type Step = (text: string, source: MutationSource) => string

const STEPS: readonly Step[] = [
  function flipBit(text, { random }) {
    const at = random.below(text.length + 1)
    return replaced(text, at, String.fromCharCode(unitAt(text, at) ^ (1 << random.below(8))))
  },
  function putUnit(text, { random }) {
    return replaced(text, random.below(text.length + 1), anyUnit(random))
  },
  function insertUnit(text, { random }) {
    return inserted(text, random.below(text.length + 1), anyUnit(random))
  },
  function insertPiece(text, { random, pieces }) {
    return inserted(text, random.below(text.length + 1), random.of(pieces))
  },
  function putPiece(text, { random, pieces }) {
    const [start, end] = part(text, random)
    return text.slice(0, start) + random.of(pieces) + text.slice(end)
  },
  function cut(text, { random }) {
    const [start, end] = part(text, random)
    return text.slice(0, start) + text.slice(end)
  },
  /** Often enough to reach a limit. */
  function repeat(text, { random }) {
    const [start, end] = part(text, random)
    return inserted(text, end, text.slice(start, end).repeat(1 + random.below(REPEATS_MAX)))
  },
  function splice(text, { random, corpus }) {
    const other = random.of(corpus)
    return (
      text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1))
    )
  },
  function changeCase(text, { random }) {
    const [start, end] = part(text, random)
    const middle = text.slice(start, end)
    return text.slice(0, start) + swappedCase(middle) + text.slice(end)
  },
  function changeNumber(text, { random }) {
    const numbers = [...text.matchAll(/[0-9]{1,15}/g)]
    if (numbers.length === 0) return text
    const { 0: digits, index } = random.of(numbers)
    const changed = random.of([Number(digits) + 1, Number(digits) - 1, ...NUMBERS])
    return text.slice(0, index) + String(changed) + text.slice(index + digits.length)
  },
]

const REPEATS_MAX = 80
const NUMBERS = [0, 1, 31, 32, 33, 127, 128, 129, 255, 256, 65_535, 65_536]
/** Separators, the ends of ranges, and letters that become others when their case is changed. */
const UNITS = Array.from(
  ' \t\r\n\0\u001f\u007f\u0080\u00a0.,:;/\\?#@[]%*-_+&="\'<>{}|~!019afxzAFXZ' +
    '\u00df\u0130\u0131\u017f\u212a\u3002\uff0e\uff0f\u200d\u2028\ufeff\ufffd\ud800!\udc00',
)

/** One of those that mean something, or any printable one of ASCII. */
function anyUnit(random: Random): string {
  return random.below(2) === 0 ? random.of(UNITS) : String.fromCharCode(0x20 + random.below(0x5f))
}

function swappedCase(text: string): string {
  const upper = text.toUpperCase()
  return upper === text ? text.toLowerCase() : upper
}

/** The start and end of some part, mostly a short one. */
function part(text: string, random: Random): readonly [start: number, end: number] {
  const start = random.below(text.length + 1)
  const longest = random.below(4) === 0 ? text.length : 8
  return [start, Math.min(text.length, start + random.below(longest + 1))]
}

function unitAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0
}

function replaced(text: string, at: number, unit: string): string {
  return text.slice(0, at) + unit + text.slice(at + 1)
}

function inserted(text: string, at: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at)
}
