import { isDeepStrictEqual } from 'node:util'
import type { Case } from './case.ts'
import {
  implementationCredential,
  implementationEntryCheck,
  implementationExplain,
  implementationTokenState,
} from './implementation.ts'
import { referenceCredential } from './reference/credential.ts'
import { referenceEntryCheck } from './reference/entry-check.ts'
import { referenceExplain } from './reference/explain.ts'
import { referenceTokenState } from './reference/token-state.ts'

/** A case, both answers to it, and the words under which it is counted. */
export interface Comparison {
  readonly question: Case
  readonly reference: unknown
  readonly implementation: unknown
  readonly agrees: boolean
  /** A reason, codes or an outcome, as the reference has it. */
  readonly outcomes: readonly string[]
}

/** Asks both implementations; one that throws has given the answer `{ thrown }`. */
export function compare(question: Case): Comparison {
  const { answers, outcomes } = ask(question)
  const implementation = answers.implementation()
  const agrees = isDeepStrictEqual(answers.reference, implementation)
  return { question, reference: answers.reference, implementation, agrees, outcomes }
}

interface Answers {
  readonly reference: unknown
  readonly implementation: () => unknown
}

function ask(question: Case): { readonly answers: Answers; readonly outcomes: readonly string[] } {
  switch (question.kind) {
    case 'explain': {
      const reference = referenceExplain(question.input)
      const outcomes = 'problems' in reference ? codesOf(reference.problems) : [reference.reason]
      const implementation = caught(() => implementationExplain(question.input))
      return { answers: { reference, implementation }, outcomes }
    }
    case 'entry': {
      const reference = referenceEntryCheck(question.input)
      const outcome = reference.ok ? 'accepted' : reference.code
      const implementation = caught(() => implementationEntryCheck(question.input))
      return {
        answers: { reference, implementation },
        outcomes: [`${question.input.kind}: ${outcome}`],
      }
    }
    case 'credential': {
      const reference = referenceCredential(question.input)
      const implementation = caught(() => implementationCredential(question.input))
      return { answers: { reference, implementation }, outcomes: [reference.kind] }
    }
    case 'state': {
      const reference = referenceTokenState(question.input)
      const implementation = caught(() => implementationTokenState(question.input))
      return { answers: { reference, implementation }, outcomes: [reference] }
    }
    default:
      return question satisfies never
  }
}

function codesOf(problems: readonly { readonly code: string }[]): readonly string[] {
  return [...new Set(problems.map(({ code }) => `problem: ${code}`))]
}

function caught(answer: () => unknown): () => unknown {
  return () => {
    try {
      return answer()
    } catch (error) {
      return { thrown: String(error) }
    }
  }
}
