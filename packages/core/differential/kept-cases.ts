import { readFileSync, writeFileSync } from 'node:fs'
import type { Case } from './case.ts'

/** A case on which the implementations once differed, and what was wrong then. */
export type KeptCase = Case & { readonly because: string }

const FILE = new URL('kept-cases.json', import.meta.url)

/** Every case in `kept-cases.json`, oldest first. */
export function readKeptCases(): readonly KeptCase[] {
  // Written by keepCase and by hand in review: the file is ours, its shape is taken on trust.
  return JSON.parse(readFileSync(FILE, 'utf8')) as readonly KeptCase[]
}

/** Appends a case to `kept-cases.json`, once. */
export function keepCase(kept: KeptCase): void {
  const earlier = readKeptCases()
  const text = JSON.stringify(kept.input)
  if (earlier.some(({ kind, input }) => kind === kept.kind && JSON.stringify(input) === text))
    return
  writeFileSync(FILE, `${JSON.stringify([...earlier, kept], null, 2)}\n`)
}
