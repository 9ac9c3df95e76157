import type { Parsed } from '@keyfence/core'

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Reads `90d`, `24h`, `15m`, `30s` or `0` as milliseconds; the problem is a sentence. */
export function parseDurationMs(text: string): Parsed<number, string> {
  const match = /^(0|[1-9][0-9]{0,5})([smhd]?)$/.exec(text)
  const unitMs = UNITS_MS[match?.[2] ?? '']
  const count = Number(match?.[1])
  if (count === 0) return { ok: true, value: 0 }
  if (match === null || unitMs === undefined) {
    return { ok: false, problem: `"${text}" is no duration. Write 30s, 15m, 24h or 90d.` }
  }
  return { ok: true, value: count * unitMs }
}
