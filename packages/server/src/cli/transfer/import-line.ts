import { parseTokenText, tokenHint } from '@keyfence/core'
import type { z } from 'zod'
import type { ApiSettings } from '../../api/api-context.ts'
import { jsonPointer } from '../../api/json-pointer.ts'
import { acceptDraft } from '../../api/routes/create-token.ts'
import { ImportDraft } from '../../api/routes/import-tokens.ts'
import { hashToken } from '../../token/token.ts'

/** A line that may be sent: without its plain key, if it had one. */
export type ImportLine =
  | { readonly ok: true; readonly hash: string; readonly json: string }
  | { readonly ok: false; readonly problems: readonly LineProblem[] }

/** What is wrong with a line; never a key or a hash. */
export interface LineProblem {
  /** RFC 6901: the member; empty: the line itself. */
  readonly path: string
  readonly code?: string
  readonly message: string
}

/**
 * Checks one line of an import as the management API will, and puts the hash of a plain key in the
 * place of the key.
 */
export function importLine(text: string, settings: ApiSettings): ImportLine {
  const value = parseObject(text)
  if (value === undefined) return refuse({ path: '', message: 'The line is no JSON object.' })
  const hashed = Object.hasOwn(value, 'key') ? withHash(value, settings.tokenPrefix) : value
  if (typeof hashed === 'string') return refuse({ path: '/key', message: hashed })
  const draft = ImportDraft.safeParse(hashed)
  if (!draft.success) return refuse(...draft.error.issues.flatMap(issueProblems))
  const { hash, hint: _hint, status: _status, ...rest } = draft.data
  const accepted = acceptDraft(rest, { kind: 'operator' }, settings)
  if (accepted.ok) return { ok: true, hash, json: JSON.stringify(hashed) }
  const { detail, path, problems } = accepted.problem.facts
  if (problems === undefined) return refuse({ path: path ?? '', message: detail })
  return refuse(
    ...problems.map(({ path: at = '', code, message }) => ({
      path: `/restrictions${at}`,
      ...(code === undefined ? {} : { code }),
      message,
    })),
  )
}

function refuse(...problems: readonly LineProblem[]): ImportLine {
  return { ok: false, problems }
}

type JsonObject = Readonly<Record<string, unknown>>

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as JsonObject // it is an object and no array
  } catch {
    return undefined
  }
}

/** As much of a key as may be shown tells nothing of one that is this long. */
const HINTED_LENGTH_MIN = 20

/** The line with a hash for its key, or what is wrong with the key. */
function withHash({ key, ...rest }: JsonObject, tokenPrefix: string): JsonObject | string {
  if (Object.hasOwn(rest, 'hash')) return 'Give the key or its hash, not both.'
  const token = typeof key === 'string' ? parseTokenText(key, tokenPrefix) : undefined
  if (token === undefined) return NO_KEY
  const prefix = token.startsWith(tokenPrefix) ? tokenPrefix : ''
  const hint = token.length < HINTED_LENGTH_MIN ? '' : tokenHint(token, prefix)
  return { hint, ...rest, hash: hashToken(token) }
}

const NO_KEY =
  'A key is 1 to 512 visible ASCII characters without a comma; one with our prefix has its checksum.'

function issueProblems(issue: z.core.$ZodIssue): readonly LineProblem[] {
  const path = jsonPointer(issue.path)
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  // A name that is near none of ours may be a key in the wrong place: it is not repeated.
  return issue.message.split('\n').map((message) => {
    const isNear = message.includes('did you mean')
    return { path, message: isNear ? message : 'There is a member that an import does not have.' }
  })
}
