/**
 * `npm run bench -- [NAME…] [--quick]`: runs every benchmark, or those that are named, one after
 * another, each as a process of its own. What they do is on standard error, and at the end one table
 * is on standard output. Exit code 1: one of them broke, which a missed goal does not count as;
 * 2: a name that no benchmark has.
 */
import { benchmarkOptions, sameOptions } from './command-line.ts'
import { type Row, rowsTable } from './row.ts'
import { runScript } from './run-script.ts'

/** In the order of the table. */
const BENCHMARKS = [
  'decision',
  'check',
  'proxy',
  'memory',
  'start',
  'management',
  'activity',
  'guard',
]
/** Run only if they are named: a flood is nothing to start unasked, and a browser, nginx and PostgreSQL are not everywhere. */
const BY_NAME = ['storm', 'console', 'nginx', 'scale']

const options = benchmarkOptions()
const unknown = options.names.filter((name) => ![...BENCHMARKS, ...BY_NAME].includes(name))
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}.`)
  console.error(`There are ${BENCHMARKS.join(', ')}, and by name alone ${BY_NAME.join(', ')}.`)
  process.exitCode = 2
} else {
  await runAll(options.names.length > 0 ? options.names : BENCHMARKS)
}

async function runAll(names: readonly string[]): Promise<void> {
  const rows: Row[] = []
  for (const [at, name] of names.entries()) {
    console.error(`[${at + 1}/${names.length}] ${name}`)
    rows.push(...(await rowsOf(name)))
  }
  console.log(rowsTable(rows))
}

/** Nothing, said aloud, from a benchmark that broke: the others can still be measured. */
async function rowsOf(name: string): Promise<readonly Row[]> {
  const began = performance.now()
  try {
    return await runScript(`${name}.ts`, sameOptions(options))
  } catch (error) {
    console.error(`${name} broke: ${String(error)}`)
    process.exitCode = 1
    return []
  } finally {
    console.error(`${name} took ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
}
