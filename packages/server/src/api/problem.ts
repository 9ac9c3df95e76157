import { z } from '@hono/zod-openapi'
import type { Context, TypedResponse } from 'hono'
import { PROBLEM_CODES, type ProblemCode, PROBLEMS, type ProblemStatus } from './problem-codes.ts'

const Problem = z
  .object({
    type: z.string().openapi({ example: 'urn:keyfence:problem:not_found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What happened here, and what to do.' }),
    code: z.enum(PROBLEM_CODES),
    instance: z.string().optional().openapi({ description: 'Names the entry in the log.' }),
    path: z.string().optional().openapi({
      description: 'Where it is in the body (RFC 6901).',
      example: '/restrictions/domains/enabled',
    }),
    parameter: z.string().optional().openapi({ description: 'The query parameter or field.' }),
    problems: z
      .array(
        z.object({
          path: z.string().optional(),
          parameter: z.string().optional(),
          code: z.string().optional(),
          message: z.string(),
        }),
      )
      .optional()
      .openapi({ description: 'Each single problem, in input order.' }),
  })
  .openapi('Problem', { description: 'Problem details (RFC 9457) with a stable `code`.' })

/** A problem without what its code says already. */
export interface ProblemFacts
  extends Omit<z.infer<typeof Problem>, 'type' | 'title' | 'status' | 'code'> {
  /** What happened here and what to do: one or two sentences. Never a secret, hash or cause. */
  readonly detail: string
}

/** A problem as a value, on its way to its answer. */
export interface RefusedWith<Code extends ProblemCode> {
  readonly code: Code
  readonly facts: ProblemFacts
}

/** What a step gives: its value, or the problem that is the answer. */
export type Outcome<Value, Code extends ProblemCode> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: RefusedWith<Code> }

/** The outcome of a step that ends here. */
export function refuse<Code extends ProblemCode>(
  code: Code,
  facts: ProblemFacts | string,
): { readonly ok: false; readonly problem: RefusedWith<Code> } {
  return {
    ok: false,
    problem: { code, facts: typeof facts === 'string' ? { detail: facts } : facts },
  }
}

/** One member for each status: the framework compares them with what the route documents. */
type ProblemAnswer<Code extends ProblemCode> = {
  [Status in ProblemStatus<Code>]: Response & TypedResponse<z.infer<typeof Problem>, Status, 'json'>
}[ProblemStatus<Code>]

/** The answer that tells of a problem (RFC 9457). */
export function problemAnswer<Code extends ProblemCode>(
  c: Context,
  { code, facts }: RefusedWith<Code>,
): ProblemAnswer<Code> {
  const { status, title } = PROBLEMS[code]
  const body = { type: `urn:keyfence:problem:${code}`, title, status, code, ...facts }
  const headers = { 'Content-Type': 'application/problem+json', ...FIELDS[code] }
  const answer: Response = c.newResponse(JSON.stringify(body), status, headers)
  return answer as ProblemAnswer<Code> // the members that tell of its type are not there at run time
}

/** Fields that the answer to a problem has to carry. */
const FIELDS: Partial<Record<ProblemCode, Record<string, string>>> = {
  unauthenticated: { 'WWW-Authenticate': 'Bearer' },
  store_unavailable: { 'Retry-After': '5' },
}

interface DocumentedProblem {
  readonly description: string
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof Problem } }
}

/** What a route documents for these problems: a response for each status. */
export function problemResponses<Code extends ProblemCode>(
  codes: readonly Code[],
): { [Status in ProblemStatus<Code>]: DocumentedProblem } {
  const byStatus = Object.groupBy(codes, (code) => PROBLEMS[code].status)
  const responses = Object.entries(byStatus).map(([status, ofStatus]) => [
    status,
    {
      description: (ofStatus ?? []).map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join(' '),
      content: { 'application/problem+json': { schema: Problem } },
    },
  ])
  return Object.fromEntries(responses) as { [Status in ProblemStatus<Code>]: DocumentedProblem } // fromEntries forgets the keys
}
