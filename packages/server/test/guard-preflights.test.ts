import { afterAll, beforeAll, expect, test } from 'vitest'
import { GUARD_DOORS } from '../../guard/test/guard-doors.ts'
import { comparable } from './guard-agreement.ts'
import { type RunningDoors, startDoors } from './running-doors.ts'

let doors: RunningDoors

beforeAll(async () => {
  doors = await startDoors()
})
afterAll(() => doors.close())

test.each(GUARD_DOORS)('the door %s answers preflights as the proxy does', async (door) => {
  const lines = [
    'Origin: https://evil.example',
    'Access-Control-Request-Method: PUT',
    'Access-Control-Request-Headers: x-a',
  ]
  const proxy = await doors.preflight(lines)
  const { status, headers, decision } = await doors.askGuarded(door, 'OPTIONS', lines)
  expect([proxy.status, status, decision.effect]).toEqual([204, 204, 'preflight'])
  expect(comparable(headers)).toEqual(comparable(proxy.headers))
})
