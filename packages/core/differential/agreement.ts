import { isDeepStrictEqual } from 'node:util'
import type {
  Case,
  CaseGroup,
  ExplainAnswer,
  ExplainConfiguration,
  ExplainLine,
  Problem,
} from './case.ts'
import {
  implementationCredential,
  implementationEntryCheck,
  implementationExplainer,
  implementationTokenState,
} from './implementation.ts'
import { referenceCredential } from './reference/credential.ts'
import { referenceEntryCheck } from './reference/entry-check.ts'
import { referenceExplainer } from './reference/explain.ts'
import { referenceTokenState } from './reference/token-state.ts'

/** A case, both answers to it, and the words under which it is counted. */
export interface Comparison<Answer = unknown> {
  readonly question: Case
  readonly reference: Answer
  readonly implementation: unknown
  readonly agrees: boolean
  /** A reason, codes or an outcome, as the reference has it. */
  readonly outcomes: readonly string[]
}

/** Asks both implementations; one that throws has given the answer `{ thrown }`. */
export function compare(question: Case): Comparison {
  if (question.kind !== 'explain') return compareAlone(question)
  return askExplainers(explainersOf(question.input), question.input)
}

/** Compares the cases of a group in turn, until one differs. */
export function compareGroup(group: CaseGroup): readonly Comparison[] {
  if (group.kind !== 'explain') return [compareAlone(group)]
  const { configuration, requests } = group
  const explainers = explainersOf(configuration)
  const comparisons: Comparison[] = []
  for (const request of requests) {
    const comparison = askExplainers(explainers, { ...configuration, request })
    comparisons.push(comparison)
    // Lists that are refused are refused whatever the request is.
    if (!comparison.agrees || isRefusal(comparison.reference)) break
  }
  return comparisons
}

/** Both implementations, with the lists of one configuration read. */
interface Explainers {
  readonly reference: ReturnType<typeof referenceExplainer>
  readonly implementation: ReturnType<typeof implementationExplainer>
}

function explainersOf(configuration: ExplainConfiguration): Explainers {
  const reference = referenceExplainer(configuration)
  try {
    return { reference, implementation: implementationExplainer(configuration) }
  } catch (error) {
    const implementation = (): never => {
      throw error
    }
    return { reference, implementation }
  }
}

function askExplainers(explainers: Explainers, input: ExplainLine): Comparison<ExplainAnswer> {
  const reference = explainers.reference(input.request)
  const outcomes = isRefusal(reference) ? codesOf(reference.problems) : [reference.reason]
  const answer = () => explainers.implementation(input.request)
  return comparisonOf({ kind: 'explain', input }, { reference, answer, outcomes })
}

function compareAlone(question: Exclude<Case, { kind: 'explain' }>): Comparison {
  switch (question.kind) {
    case 'entry': {
      const reference = referenceEntryCheck(question.input)
      const outcomes = [`${question.input.kind}: ${reference.ok ? 'accepted' : reference.code}`]
      const answer = () => implementationEntryCheck(question.input)
      return comparisonOf(question, { reference, answer, outcomes })
    }
    case 'credential': {
      const reference = referenceCredential(question.input)
      const answer = () => implementationCredential(question.input)
      return comparisonOf(question, { reference, answer, outcomes: [reference.kind] })
    }
    case 'state': {
      const reference = referenceTokenState(question.input)
      const answer = () => implementationTokenState(question.input)
      return comparisonOf(question, { reference, answer, outcomes: [reference] })
    }
    default:
      return question satisfies never
  }
}

interface Answers<Answer> {
  readonly reference: Answer
  readonly answer: () => unknown
  readonly outcomes: readonly string[]
}

function comparisonOf<Answer>(
  question: Case,
  { reference, answer, outcomes }: Answers<Answer>,
): Comparison<Answer> {
  const implementation = caught(answer)
  const agrees = isDeepStrictEqual(reference, implementation)
  return { question, reference, implementation, agrees, outcomes }
}

function isRefusal(answer: ExplainAnswer): answer is { readonly problems: readonly Problem[] } {
  return 'problems' in answer
}

function codesOf(problems: readonly Problem[]): readonly string[] {
  return [...new Set(problems.map(({ code }) => `problem: ${code}`))]
}

function caught(answer: () => unknown): unknown {
  try {
    return answer()
  } catch (error) {
    return { thrown: String(error) }
  }
}
