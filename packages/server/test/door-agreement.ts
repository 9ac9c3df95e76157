import { expectGuardsAgree } from './guard-agreement.ts'
import { expectProfilesAgree } from './profile-agreement.ts'
import type { DoorAnswer, RunningDoors } from './running-doors.ts'

/** The check endpoint with every profile, and every application behind the guard, say what this one said. */
export async function expectOtherDoorsAgree(
  doors: RunningDoors,
  question: { readonly isHead: boolean; readonly lines: readonly string[] },
  expected: { readonly answer: DoorAnswer; readonly reason: string; readonly reported?: true },
): Promise<void> {
  await expectProfilesAgree(doors, question, expected.answer)
  await expectGuardsAgree(doors, question, expected)
}
