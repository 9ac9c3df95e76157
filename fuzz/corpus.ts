import { readFileSync, writeFileSync } from 'node:fs'
import type { BranchCounters } from './count-branches.ts'
import type { Target } from './target.ts'

/** The inputs kept for a target: what once broke it, and what takes every branch known of. */
export function readCorpus(name: string): readonly string[] {
  try {
    // Written by keepInputs: the file is ours, its shape is taken on trust.
    return JSON.parse(readFileSync(fileOf(name), 'utf8')) as readonly string[]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Adds inputs to those kept for a target, behind them, each once. */
export function keepInputs(name: string, inputs: readonly string[]): void {
  const kept = [...new Set([...readCorpus(name), ...inputs])]
  writeFileSync(fileOf(name), `[\n${kept.map(asLine).join(',\n')}\n]\n`)
}

/** In ASCII, so that a lone surrogate and a blank that looks like another one survive and show. */
function asLine(input: string): string {
  return `  ${JSON.stringify(input).replaceAll(NOT_ASCII, escaped)}`
}

const NOT_ASCII = /[^\u0020-\u007e]/g

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function fileOf(name: string): URL {
  return new URL(`corpus/${name}.json`, import.meta.url)
}

/** The shortest of the found inputs that together take every branch that all of them and the kept ones take. */
export async function worthKeeping(
  target: Target,
  found: readonly string[],
  { counts, used }: BranchCounters,
): Promise<readonly string[]> {
  const open = await target.open()
  const taken = new Set<number>()
  const isNews = async (input: string): Promise<boolean> => {
    counts.fill(0, 0, used)
    await open.run(input)
    const before = taken.size
    for (let at = 0; at < used; at++) if (counts[at] !== 0) taken.add(at)
    return taken.size > before
  }
  for (const input of readCorpus(target.name)) await isNews(input)
  const worth: string[] = []
  for (const input of [...found].sort((one, other) => one.length - other.length)) {
    if (await isNews(input)) worth.push(input)
  }
  await open.close()
  return worth
}
