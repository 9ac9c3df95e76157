import { parseArgs } from 'node:util'

/** What a benchmark was asked for. */
export interface BenchmarkOptions {
  /** Fewer rounds and less to measure: for a look, not for figures to write down. */
  readonly isQuick: boolean
  /** How many tokens there are to be; the benchmark's own choice if it is not said. */
  readonly tokenCount: number | undefined
  /** The words that are no options. */
  readonly names: readonly string[]
}

/** Reads `--quick`, `--tokens N` and names. @throws for anything else */
export function benchmarkOptions(): BenchmarkOptions {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, tokens: { type: 'string' } },
  })
  const tokenCount = values.tokens === undefined ? undefined : Number(values.tokens)
  if (tokenCount !== undefined && !(tokenCount > 0)) throw new RangeError('--tokens takes a number')
  return { isQuick: values.quick, tokenCount, names: positionals }
}

/** The parameters that ask another benchmark for the same. */
export function sameOptions({ isQuick }: BenchmarkOptions): readonly string[] {
  return isQuick ? ['--quick'] : []
}
