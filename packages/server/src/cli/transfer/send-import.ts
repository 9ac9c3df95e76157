import { z } from 'zod'
import { Warnings } from '../../api/schema/restrictions.ts'
import { readAnswer } from '../managed.ts'
import type { ManagementAnswer, ManagementClient } from '../management-client.ts'
import { isDone } from '../refusal.ts'
import type { ReadyLine } from './read-import.ts'

const BATCH_LINES_MAX = 500
/** Below what the API reads of an import. */
const BATCH_LENGTH_MAX = 900_000

/** What came of an import. */
export interface SentImport {
  readonly imported: number
  /** Lines whose keys were known already. */
  readonly known: readonly number[]
  readonly warnings: readonly LineNote[]
  /** The answer that ended it before its end. */
  readonly refused:
    | { readonly answer: ManagementAnswer; readonly problems: readonly LineNote[] }
    | undefined
}

/** Something about a line. */
export interface LineNote {
  readonly line: number
  /** RFC 6901, from the line. */
  readonly path: string
  readonly code?: string | undefined
  readonly message: string
}

/** How an import is sent. */
export interface ImportSending {
  readonly management: Pick<ManagementClient, 'ask'>
  readonly skipKnown: boolean
  readonly progress: (imported: number) => void
}

/** Sends lines in batches, each of which is taken whole or not at all. */
export async function sendImport(
  lines: readonly ReadyLine[],
  { management, skipKnown, progress }: ImportSending,
): Promise<SentImport> {
  let imported = 0
  const known: number[] = []
  const warnings: LineNote[] = []
  for (let batch of batches(lines)) {
    while (batch.length > 0) {
      const tokens = batch.map(({ json }): unknown => JSON.parse(json))
      const answer = await management.ask('POST', '/v1/tokens/import', { body: { tokens } })
      if (isDone(answer)) {
        imported += batch.length
        warnings.push(...notes(readAnswer(Imported, answer.body).warnings, batch))
        break
      }
      const problems = notes(problemsOf(answer), batch)
      const knownHere = answer.status === 409 ? new Set(problems.map(({ line }) => line)) : NONE
      known.push(...knownHere)
      if (!skipKnown || knownHere.size === 0) {
        return { imported, known, warnings, refused: { answer, problems } }
      }
      batch = batch.filter(({ line }) => !knownHere.has(line))
    }
    progress(imported)
  }
  return { imported, known, warnings, refused: undefined }
}

const NONE: ReadonlySet<number> = new Set()
const Imported = z.object({ warnings: Warnings })
const Problems = z.object({
  detail: z.string(),
  path: z.string().optional(),
  problems: z
    .array(
      z.object({ path: z.string().default(''), code: z.string().optional(), message: z.string() }),
    )
    .optional(),
})

function problemsOf({ body }: ManagementAnswer) {
  const read = Problems.safeParse(body)
  if (!read.success) return []
  const { detail, path = '', problems } = read.data
  return problems ?? [{ path, message: detail }]
}

function* batches(lines: readonly ReadyLine[]): Generator<readonly ReadyLine[]> {
  let batch: ReadyLine[] = []
  let length = 0
  for (const line of lines) {
    if (batch.length === BATCH_LINES_MAX || length + line.json.length > BATCH_LENGTH_MAX) {
      yield batch
      batch = []
      length = 0
    }
    batch.push(line)
    length += line.json.length
  }
  yield batch
}

/** What is said of `/tokens/3/…` is said of the fourth line of the batch. */
function notes(
  found: readonly {
    readonly path: string
    readonly code?: string | undefined
    readonly message: string
  }[],
  batch: readonly ReadyLine[],
): readonly LineNote[] {
  return found.flatMap(({ path, code, message }) => {
    const match = /^\/tokens\/(\d+)(.*)$/s.exec(path)
    const line = batch[Number(match?.[1])]?.line
    return line === undefined ? [] : [{ line, path: match?.[2] ?? '', code, message }]
  })
}
