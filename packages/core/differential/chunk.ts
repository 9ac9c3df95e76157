import * as fc from 'fast-check'
import { compareGroup } from './agreement.ts'
import { CASE_KINDS, type Case, type CaseGroup, type CaseKind } from './case.ts'
import { credentialLine } from './generators/credential-lines.ts'
import { entryLine } from './generators/entry-lines.ts'
import { EXPLAINED_TOGETHER, explainLines } from './generators/explain-lines.ts'
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
  /** As many as were wanted, or a few more. */
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
  const compared = { cases: 0, outcomes: new Map<string, number>() }
  let differing: CaseGroup | undefined
  const agreement = fc.property(ARBITRARIES[kind], (group) => {
    const comparisons = compareGroup(group)
    compared.cases += comparisons.length
    for (const outcome of comparisons.flatMap(({ outcomes }) => outcomes)) {
      compared.outcomes.set(outcome, (compared.outcomes.get(outcome) ?? 0) + 1)
    }
    return comparisons.every(({ agrees }) => agrees)
  })
  // How many cases a group is shows when it is compared: what is missing then comes in another round.
  for (let round = 0; compared.cases < cases && differing === undefined; round++) {
    const numRuns = Math.ceil((cases - compared.cases) / GROUP_CASES[kind])
    const { counterexample } = fc.check(agreement, { seed: (seed + round) | 0, numRuns })
    differing = counterexample?.[0]
  }
  const difference = differing === undefined ? null : differenceIn(differing)
  const outcomes = Object.fromEntries(compared.outcomes)
  return { kind, cases: compared.cases, outcomes, difference }
}

function differenceIn(group: CaseGroup): Difference | null {
  return compareGroup(group).find(({ agrees }) => !agrees) ?? null
}

/** How many cases a group is at most. */
const GROUP_CASES: Readonly<Record<CaseKind, number>> = {
  explain: EXPLAINED_TOGETHER,
  entry: 1,
  credential: 1,
  state: 1,
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

const ARBITRARIES: Readonly<Record<CaseKind, fc.Arbitrary<CaseGroup>>> = {
  explain: explainLines.map((group) => ({ kind: 'explain', ...group })),
  entry: entryLine.map((input) => ({ kind: 'entry', input })),
  credential: credentialLine.map((input) => ({ kind: 'credential', input })),
  state: tokenStateLine.map((input) => ({ kind: 'state', input })),
}
