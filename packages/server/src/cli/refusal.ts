import { z } from 'zod'
import type { RestrictionsInput } from '@keyfence/core'
import type { CommandIo, ExitCode } from './command.ts'
import type { ManagementAnswer } from './management-client.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'

/** Whether Keyfence did what was asked. */
export function isDone({ status }: ManagementAnswer): boolean {
  return status >= 200 && status < 300
}

/** What to tell of a refusal, and how. */
export interface RefusalReport {
  readonly io: CommandIo
  readonly json?: true | undefined
  /** What was sent, so that a refused entry is shown as it was typed. */
  readonly restrictions?: RestrictionsInput
  /** Said in front of the sentence: which of several it is about. */
  readonly subject?: string
}

/**
 * Tells why Keyfence did not do what was asked, with every single problem.
 * @returns 1 if it refused; 2 if the question was no good one, or Keyfence itself is broken.
 */
export async function reportRefusal(
  answer: ManagementAnswer,
  { io, json, restrictions, subject }: RefusalReport,
): Promise<ExitCode> {
  const problem = Problem.safeParse(answer.body)
  if (json) await writeJson(io.stdout, problem.success ? answer.body : { status: answer.status })
  const lines = problem.success
    ? problemText(problem.data, restrictions)
    : [`the answer was ${answer.status}, and no word why.`]
  const about = subject === undefined ? '' : `${subject}: `
  await writeText(io.stderr, lines.map((line, at) => `${at === 0 ? about : ''}${line}\n`).join(''))
  return REFUSALS.has(answer.status) ? 1 : 2
}

/** Not allowed, not there, not now, not with these entries. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404, 409, 412, 422])

const Problem = z.object({
  code: z.string(),
  detail: z.string(),
  path: z.string().optional(),
  problems: z
    .array(
      z.object({
        path: z.string().optional(),
        parameter: z.string().optional(),
        code: z.string().optional(),
        message: z.string(),
      }),
    )
    .optional(),
})

function problemText(
  { code, detail, path, problems = [] }: z.infer<typeof Problem>,
  restrictions: RestrictionsInput | undefined,
): readonly string[] {
  const single = path === undefined || problems.length > 0 ? '' : `${path}: `
  const each = problems.map((found) => {
    const place = entryAt(found.path, restrictions) ?? found.path ?? found.parameter ?? ''
    const why = found.code === undefined ? '' : ` (${found.code})`
    return `  ${place}${why}: ${found.message}`
  })
  return [`${code}: ${single}${detail}`, ...each].map(printable)
}

/** The entry that a path names, as it was typed; `undefined` if it names none. */
export function entryAt(
  path: string | undefined,
  restrictions: RestrictionsInput | undefined,
): string | undefined {
  const match = /^\/(domains|ips)\/entries\/(\d+)$/.exec(path ?? '')
  if (match === null || restrictions === undefined) return undefined
  const list = match[1] === 'ips' ? restrictions.ips : restrictions.domains
  const value = list.entries[Number(match[2])]?.value
  return typeof value === 'string' ? `"${value}"` : undefined
}
