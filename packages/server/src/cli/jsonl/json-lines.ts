import type { Readable, Writable } from 'node:stream'
import { writeText } from '../output.ts'
import type { MalformedLine } from './json-answer.ts'
import { type InputLine, lineSplitter } from './line-splitter.ts'
import { memberText } from './member-text.ts'

/** What answers one line: a pure function of its JSON value. */
export type AnswerLine = (line: unknown) => { readonly id?: unknown } | MalformedLine

/** How a stream of lines ended. */
export interface JsonLinesOutcome {
  /** How many lines were malformed or blank. */
  readonly malformedLines: number
}

/**
 * Answers JSON Lines from `input` on `output`: one line each, in order, written before more input is
 * waited for, so that somebody may hold a conversation; lines that are waiting share a write. A
 * slow reader of `output` slows the reading of `input`; a reader who left ends it quietly.
 */
export async function answerJsonLines(
  { input, output }: { readonly input: Readable; readonly output: Writable },
  answer: AnswerLine,
): Promise<JsonLinesOutcome> {
  let malformedLines = 0
  const splitter = lineSplitter()
  const reply = async (lines: Iterable<InputLine>): Promise<boolean> => {
    let batch = ''
    for (const line of lines) {
      const { text, isMalformed } = answerText(line, answer)
      if (isMalformed) malformedLines++
      batch += `${text}\n`
      if (batch.length < BATCH_LENGTH) continue
      if ((await writeText(output, batch)) === 'closed') return false
      batch = ''
    }
    return batch === '' || (await writeText(output, batch)) === 'written'
  }
  for await (const chunk of input) {
    // Without an encoding set, a stream of octets gives nothing else.
    if (!(await reply(splitter.push(chunk as Uint8Array)))) return { malformedLines }
  }
  await reply(splitter.end())
  return { malformedLines }
}

const BATCH_LENGTH = 64 * 1024

interface AnswerText {
  readonly text: string
  readonly isMalformed: boolean
}

function answerText(line: InputLine, answer: AnswerLine): AnswerText {
  if (line.kind === 'malformed') return malformed(line.error)
  if (BLANK.test(line.text)) return malformed('The line is blank.')
  const value = parseJson(line.text)
  if (value === undefined) return malformed('The line is not JSON.')
  const said = answer(value)
  return { text: stringify(said, line.text), isMalformed: 'error' in said }
}

/** White space of JSON (RFC 8259 §2). */
const BLANK = /^[ \t\r]*$/

function malformed(error: string): AnswerText {
  return { text: JSON.stringify({ error }), isMalformed: true }
}

/** @returns `undefined`, which no JSON is, for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The answer as JSON, with the `id` as it was written where a double or a recursion would harm it. */
function stringify(answer: { readonly id?: unknown }, line: string): string {
  if (isPlain(answer.id)) return JSON.stringify(answer)
  const id = memberText(line, 'id')?.replaceAll('\r', '') ?? 'null'
  const rest = JSON.stringify({ ...answer, id: undefined })
  return `{"id":${id},${rest.slice(1)}`
}

function isPlain(id: unknown): boolean {
  if (typeof id === 'number') return Number.isSafeInteger(id)
  return typeof id !== 'object' || id === null
}
