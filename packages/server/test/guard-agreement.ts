import { expect } from 'vitest'
import { GUARD_DOORS } from '../../guard/test/guard-doors.ts'
import { type DoorAnswer, type RunningDoors, withoutConnection } from './running-doors.ts'

/** Where a `Request` has made one line of a repeated field, that is one unreadable token. */
const JOINS_LINES: ReadonlySet<string> = new Set(['fetch', 'next'])

/** Every application behind the guard answers what the check endpoint answered, for the same reason. */
export async function expectGuardsAgree(
  doors: RunningDoors,
  { isHead, lines }: { readonly isHead: boolean; readonly lines: readonly string[] },
  expected: { readonly answer: DoorAnswer; readonly reason: string; readonly reported?: true },
): Promise<void> {
  const { answer, reason, reported } = expected
  const method = isHead ? 'HEAD' : 'GET'
  for (const door of GUARD_DOORS) {
    const { status, headers, body, decision } = await doors.askGuarded(door, method, lines)
    expect([door, status, body]).toEqual([door, answer.status, answer.body])
    expect(comparable(headers)).toEqual(comparable(answer.headers))
    if (decision.effect === 'preflight') throw new Error('no row is a preflight')
    const isJoined = JOINS_LINES.has(door) && reason === 'token_ambiguous'
    if (!isJoined) expect([door, decision.reason]).toEqual([door, reason])
    if (decision.effect === 'allow') expect(decision.enforced).toBe(reported !== true)
  }
}

/** In the order of their names, which each framework spells its own way. */
export function comparable(headers: DoorAnswer['headers']): string[] {
  return withoutConnection(headers)
    .filter(([name]) => name.toLowerCase() !== 'keyfence-request-id')
    .map(([name, value]) => `${name.toLowerCase()}: ${value.trim()}`)
    .sort()
}
