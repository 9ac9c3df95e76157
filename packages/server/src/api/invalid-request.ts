import type { z } from '@hono/zod-openapi'
import type { ApiRequest } from './api-context.ts'
import { SEPARATOR } from './closed-object.ts'
import { jsonPointer } from './json-pointer.ts'
import { problemAnswer, type ProblemFacts } from './problem.ts'

/** What a validator of the framework hands to its hook. */
type Validated =
  | { readonly success: true; readonly target: string }
  | { readonly success: false; readonly target: string; readonly error: z.ZodError }

/** Turns what a schema refused into the answer; `undefined` where it refused nothing. */
export function answerInvalid(result: Validated, c: ApiRequest): Response | undefined {
  if (result.success) return undefined
  const found = result.error.issues.flatMap(plainIssues)
  const isBody = result.target === 'json'
  const problems = found.map(({ path, message }) => ({
    ...(isBody ? { path: jsonPointer(path) } : { parameter: path.map(String).join('.') }),
    message,
  }))
  const at = Math.max(
    0,
    found.findIndex(({ isUnknown }) => isUnknown),
  )
  const { message: detail = 'The request is not as documented.', ...place } = problems[at] ?? {}
  const facts: ProblemFacts = { detail, ...place, problems }
  const isUnknown = found[at]?.isUnknown ?? false
  return problemAnswer(c, { code: isUnknown ? 'unknown_member' : 'invalid_request', facts })
}

interface PlainIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly isUnknown: boolean
}

/** One for each place. */
function plainIssues(issue: z.core.$ZodIssue): readonly PlainIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split(SEPARATOR)
    return issue.keys.map((key, at) => ({
      path: [...issue.path, key],
      message: messages[at] ?? issue.message,
      isUnknown: true,
    }))
  }
  return [{ path: issue.path, message: plainMessage(issue), isUnknown: false }]
}

/** The library's own messages speak its language; ours, given with a schema, stay. */
function plainMessage(issue: z.core.$ZodIssue): string {
  const { message } = issue
  if (issue.code === 'invalid_type' && message.endsWith('received undefined')) {
    return `This has to be given, as ${issue.expected}.`
  }
  if (issue.code === 'invalid_value' && message.startsWith('Invalid option: ')) {
    return `One of ${issue.values.join(', ')}.`
  }
  if (issue.code === 'too_small' && message.startsWith('Too small: ')) {
    return `At least ${issue.minimum}${unitOf(issue.origin)}.`
  }
  if (issue.code === 'too_big' && message.startsWith('Too big: ')) {
    return `At most ${issue.maximum}${unitOf(issue.origin)}.`
  }
  return message
}

function unitOf(origin: string): string {
  if (origin === 'array') return ' elements'
  return origin === 'string' ? ' characters' : ''
}
