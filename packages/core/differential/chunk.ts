import * as fc from 'fast-check'
import { compare } from './agreement.ts'
import { CASE_KINDS, type Case, type CaseKind } from './case.ts'
import { credentialLine } from './generators/credential-lines.ts'
import { entryLine } from './generators/entry-lines.ts'
import { explainLine } from './generators/explain-lines.ts'
import { tokenStateLine } from './generators/token-state-lines.ts'

/** A run of generated cases of one kind; the same chunk is the same cases on every machine. */
export interface Chunk {
  readonly kind: CaseKind
  readonly seed: number
  readonly cases: number
}

/** What came of a chunk: how often each outcome, and the smallest case found that differs. */
export interface ChunkResult {
  readonly kind: CaseKind
  readonly cases: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly difference: Difference | null
}

/** A case on which the two implementations do not agree, with both answers. */
export interface Difference {
  readonly question: Case
  readonly reference: unknown
  readonly implementation: unknown
}

/** Generates the cases of a chunk and compares both implementations on each. */
export function runChunk({ kind, seed, cases }: Chunk): ChunkResult {
  const outcomes = new Map<string, number>()
  const agreement = fc.property(ARBITRARIES[kind], (question) => {
    const comparison = compare(question)
    for (const outcome of comparison.outcomes) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    return comparison.agrees
  })
  const { counterexample } = fc.check(agreement, { seed, numRuns: cases })
  const question = counterexample?.[0]
  const difference = question === undefined ? null : compare(question)
  return { kind, cases, outcomes: Object.fromEntries(outcomes), difference }
}

/** Shares of all cases by kind, in hundredths. */
const SHARES: Readonly<Record<CaseKind, number>> = {
  explain: 60,
  entry: 25,
  credential: 10,
  state: 5,
}

/** Splits so many cases over the kinds, or one kind alone, into chunks with seeds of their own. */
export function chunksOf({ cases, seed, kind }: ChunkPlan): readonly Chunk[] {
  const kinds = kind === null ? CASE_KINDS : [kind]
  const sizes = kinds.flatMap((each) => {
    const share = kind === null ? Math.ceil((cases * SHARES[each]) / 100) : cases
    const count = Math.ceil(share / CHUNK_CASES)
    return Array.from({ length: count }, (_, index) => ({
      kind: each,
      cases: Math.min(CHUNK_CASES, share - index * CHUNK_CASES),
    }))
  })
  // Odd and large, so that neighbouring seeds of a run do not meet those of the next run.
  return sizes.map(({ kind: each, cases: size }, index) => ({
    kind: each,
    cases: size,
    seed: (seed + index * 0x9e3779b1) | 0,
  }))
}

/** How many cases, from which seed, and of which kind (null: all kinds). */
export interface ChunkPlan {
  readonly cases: number
  readonly seed: number
  readonly kind: CaseKind | null
}

const CHUNK_CASES = 5000

const ARBITRARIES: Readonly<Record<CaseKind, fc.Arbitrary<Case>>> = {
  explain: explainLine.map((input) => ({ kind: 'explain', input })),
  entry: entryLine.map((input) => ({ kind: 'entry', input })),
  credential: credentialLine.map((input) => ({ kind: 'credential', input })),
  state: tokenStateLine.map((input) => ({ kind: 'state', input })),
}
