import { expect } from 'vitest'
import type { CheckProfileName } from '../src/config/config.ts'
import { comparable } from './guard-agreement.ts'
import type { DoorAnswer, RunningDoors } from './running-doors.ts'

/** How each proxy says what the original request was. */
const ORIGINAL_LINES: Readonly<Record<CheckProfileName, (method: string) => readonly string[]>> = {
  plain: () => [],
  envoy: () => [],
  nginx: originalLines,
  haproxy: originalLines,
  traefik: forwardedLines,
  caddy: forwardedLines,
  apisix: forwardedLines,
}

/** With every profile the check endpoint says what it says with `plain`, as that proxy can carry it. */
export async function expectProfilesAgree(
  doors: RunningDoors,
  { isHead, lines }: { readonly isHead: boolean; readonly lines: readonly string[] },
  plain: DoorAnswer,
): Promise<void> {
  const method = isHead ? 'HEAD' : 'GET'
  for (const profile of PROFILES) {
    const original = ORIGINAL_LINES[profile](method)
    const answer = await doors.askProfile(profile, method, [...original, ...lines])
    const { verdict } = answer.observation
    expect([profile, verdict]).toEqual([profile, plain.observation.verdict])
    if (profile === 'nginx') expectCarried(answer, plain)
    else {
      expect([profile, answer.status, answer.body]).toEqual([profile, plain.status, plain.body])
      expect(comparable(answer.headers)).toEqual(comparable(plain.headers))
    }
  }
}

const PROFILES = Object.keys(ORIGINAL_LINES) as CheckProfileName[] // the record has no other

/** nginx hands on 401 and 403 alone: the rest stands in fields, which its configuration restores. */
function expectCarried(answer: DoorAnswer, plain: DoorAnswer): void {
  const carried = { 'keyfence-status': String(plain.status), 'keyfence-body': bodyOf(plain) }
  const own = plain.status === 503 ? 403 : plain.status
  expect(answer.status).toBe(own)
  const fields = comparable(answer.headers)
  if (plain.status === 200) expect(fields).toEqual(comparable(plain.headers))
  else {
    const more = Object.entries(carried).map(([name, value]) => `${name}: ${value}`)
    expect(fields).toEqual([...comparable(plain.headers), ...more].sort())
  }
}

/** What the caller is to see, to HEAD as well: nginx leaves it out by itself. */
function bodyOf({ status }: DoorAnswer): string {
  return BODIES[status] ?? ''
}

const BODIES: Readonly<Record<number, string>> = {
  401: '{"error":"Missing or invalid API token."}',
  403: '{"error":"Access denied. You don\'t have permission to access this."}',
  503: '{"error":"Temporarily unavailable."}',
}

function originalLines(method: string): readonly string[] {
  return [`X-Original-Method: ${method}`, 'X-Original-URI: /orders']
}

function forwardedLines(method: string): readonly string[] {
  return [`X-Forwarded-Method: ${method}`, 'X-Forwarded-Uri: /orders']
}
