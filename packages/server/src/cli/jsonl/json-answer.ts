import type { z } from 'zod'

/** A line that is none, in the place of its answer. */
export interface MalformedLine {
  /** Of a line that is a JSON object: its `id`, `null` if it has none. */
  readonly id?: unknown
  readonly error: string
}

/** The `id` of a line, any JSON; `null` if it has none. */
export function lineId(line: unknown): unknown {
  return isObject(line) && Object.hasOwn(line, 'id') ? line['id'] : null
}

/** The answer to a line that is not of the shape that its command takes. */
export function malformedLine(line: unknown, issues: readonly z.core.$ZodIssue[]): MalformedLine {
  if (!isObject(line)) return { error: 'The line is not a JSON object.' }
  const [issue] = issues
  const place = issue?.path.join('.') ?? ''
  const error = `${place === '' ? 'line' : place}: ${issue?.message ?? 'malformed'}`
  return { id: lineId(line), error: error.slice(0, ERROR_LENGTH_MAX) }
}

// A message may repeat the name of an unknown member, which is as long as its writer likes.
const ERROR_LENGTH_MAX = 300

function isObject(line: unknown): line is Readonly<Record<string, unknown>> {
  return typeof line === 'object' && line !== null && !Array.isArray(line)
}
