import type { Readable } from 'node:stream'
import type { ApiSettings } from '../../api/api-context.ts'
import { type InputLine, lineSplitter } from '../jsonl/line-splitter.ts'
import { importLine, type LineProblem } from './import-line.ts'

/** A line that may be sent. */
export interface ReadyLine {
  /** From 1. */
  readonly line: number
  /** JSON as the management API takes it: never a plain key. */
  readonly json: string
}

/** What an import file holds. */
export interface ReadImport {
  readonly ready: readonly ReadyLine[]
  readonly problems: readonly (LineProblem & { readonly line: number })[]
}

/** Reads and checks a whole file before any of it is used; blank lines count but say nothing. */
export async function readImport(input: Readable, settings: ApiSettings): Promise<ReadImport> {
  const ready: ReadyLine[] = []
  const problems: (LineProblem & { line: number })[] = []
  const lineOfHash = new Map<string, number>()
  let line = 0
  const take = (read: InputLine): void => {
    line++
    if (read.kind === 'malformed') {
      problems.push({ line, path: '', message: read.error })
      return
    }
    if (read.text.trim() === '') return
    const checked = importLine(read.text, settings)
    if (!checked.ok) {
      problems.push(...checked.problems.map((problem) => ({ line, ...problem })))
      return
    }
    const earlier = lineOfHash.get(checked.hash)
    if (earlier === undefined) {
      lineOfHash.set(checked.hash, line)
      ready.push({ line, json: checked.json })
    } else problems.push({ line, path: '', message: `The same key as on line ${earlier}.` })
  }
  const splitter = lineSplitter()
  for await (const chunk of input) {
    // Without an encoding set, a stream of octets gives nothing else.
    for (const read of splitter.push(chunk as Uint8Array)) take(read)
  }
  for (const read of splitter.end()) take(read)
  return { ready, problems }
}
