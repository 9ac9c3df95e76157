/**
 * `npm run faults`: brings every fault about at three nodes and PostgreSQL, and writes what was promised and
 * seen into docs/reliability.md. `--full` for the times and numbers that are promised, which takes hours;
 * `--check` leaves the page as it is.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seenFaults, withFaultTable } from './fault-table.ts'

const ROOT = join(import.meta.dirname, '..')
const PAGE = join(ROOT, 'docs/reliability.md')
const ROWS = join(ROOT, 'dist/faults.jsonl')
const TESTS = 'packages/server/test/faults'

const { values } = parseArgs({
  options: { full: { type: 'boolean' }, check: { type: 'boolean' } },
})
mkdirSync(join(ROOT, 'dist'), { recursive: true })
rmSync(ROWS, { force: true })
// One file at a time: two faults at once would be a third one.
const { status } = spawnSync('vitest', ['run', TESTS, '--no-file-parallelism'], {
  cwd: ROOT,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    KEYFENCE_FAULTS_FILE: ROWS,
    ...(values.full === true ? { KEYFENCE_FULL_LENGTH: '1' } : {}),
  },
})
process.exitCode = status ?? 1
if (status === 0 && values.check !== true) {
  const rows = seenFaults(readFileSync(ROWS, 'utf8'))
  writeFileSync(PAGE, withFaultTable(readFileSync(PAGE, 'utf8'), rows))
}
