import { expect, test } from 'vitest'
import { relativeTime } from './relative-time.ts'

const NOW = Date.parse('2026-11-24T09:30:00Z')
const MINUTE = 60_000
const DAY = 86_400_000

test.each<{ deltaMs: number; gives: string }>([
  { deltaMs: -10_000, gives: 'just now' },
  { deltaMs: 10_000, gives: 'in a moment' },
  { deltaMs: -50_000, gives: '1 minute ago' },
  { deltaMs: -5 * MINUTE, gives: '5 minutes ago' },
  { deltaMs: -100 * MINUTE, gives: '2 hours ago' },
  { deltaMs: -DAY, gives: 'yesterday' },
  { deltaMs: 2 * DAY, gives: 'in 2 days' },
  { deltaMs: -60 * DAY, gives: '2 months ago' },
  { deltaMs: 400 * DAY, gives: 'next year' },
])('$gives', ({ deltaMs, gives }) => expect(relativeTime(NOW + deltaMs, NOW)).toBe(gives))
