/**
 * `npm test`: every check, then every test; goes on after a failure, so that one run tells all.
 * The last line is `N passed, N failed`; the exit code is 1 if anything failed.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { ensureConsole } from './console.mjs'
import { ensureInstalled, ROOT, toolEnvironment } from './install.mjs'
import { ensurePostgres } from './postgres.mjs'
import { ensureProxies } from './proxies.mjs'

ensureInstalled()

/**
 * The same inputs in every run, a few or so many seconds of them for each target: what fails here is
 * a matter of what was changed. New ones are for the nightly run.
 */
const fuzzSeconds = process.env.FUZZ_SECONDS
const FUZZ = [
  ...(fuzzSeconds === undefined ? ['--executions', '2000'] : ['--seconds', fuzzSeconds]),
  '--seed',
  '1',
]

const CHECKS = [
  ['format', ['biome', 'format', '.']],
  ['lint', ['oxlint', '--type-aware', '--deny-warnings']],
  ['types', ['node', 'node_modules/typescript-7/bin/tsc', '-p', '.']],
  [
    'types of the core, without Node',
    ['node', 'node_modules/typescript-7/bin/tsc', '-p', 'packages/core'],
  ],
  ['types of the console', ['node', 'node_modules/typescript-7/bin/tsc', '-p', 'packages/console']],
  ['import arrows', ['depcruise', '--config', '.dependency-cruiser.mjs', 'packages']],
  ['dead code', ['knip']],
  [
    'differential, 100,000 cases',
    ['node', 'packages/core/differential/run.ts', '--cases', '100000'],
  ],
  ['fuzz', ['node', 'fuzz/run.ts', ...FUZZ]],
]

const MEMORY_FOLDER = '/dev/shm'
const MEMORY_BYTES_MIN = 4 * 1024 ** 3
const scratch = mkdtempSync(join(quickFolder(), 'keyfence-test-'))
// PostgreSQL runs as another user, and has to get to its folder inside.
chmodSync(scratch, 0o711)
const report = join(scratch, 'vitest.json')
const built = join(scratch, 'built')
let passed = 0
let failed = 0
const failures = []
const NOT_KNOWN = 3

count('the console is built', ensureConsole())
count('Chromium is there', ensureChromium())
count('nginx, Caddy and HAProxy are there', ensureProxies())
count('PostgreSQL is there', ensurePostgres())
for (const [name, command] of CHECKS) count(name, run(command) === 0)
const build = ['node', 'scripts/build-packages.mjs', built, 'server']
count('the program is built as it is published', run(build) === 0)
// It starts in half the time, and tests start it hundreds of times.
process.env.PROGRAM_UNDER_TEST = join(built, 'server/bin/keyfence.js')
const vulnerabilities = run(['node', 'scripts/audit-dependencies.ts'])
// Off line nobody knows, and that is neither a pass nor a failure.
if (vulnerabilities !== NOT_KNOWN) count('no known vulnerability', vulnerabilities === 0)
const vitest = run([
  'vitest',
  'run',
  '--coverage',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
])
countVitest()
rmSync(scratch, { recursive: true, force: true })

if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`)
if (vulnerabilities === NOT_KNOWN) {
  console.log(
    '\nNOT CHECKED: known vulnerabilities of dependencies (the advisory service did not answer)',
  )
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

/**
 * Where stores of tests lie: in memory, if the machine has such a folder with room. A store commits
 * with fsync, and hundreds of tests that make one each wait for the disk half of their time. What a
 * killed process leaves behind is the same there.
 */
function quickFolder() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER)
    if (bavail * bsize >= MEMORY_BYTES_MIN) return MEMORY_FOLDER
  } catch {
    // Not on every system.
  }
  return tmpdir()
}

function run([program, ...parameters]) {
  console.log(`\n> ${[program, ...parameters].join(' ')}`)
  const { status } = spawnSync(program, parameters, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...toolEnvironment(), TMPDIR: scratch },
  })
  return status
}

function count(name, isPassed) {
  if (isPassed) passed++
  else {
    failed++
    failures.push(name)
  }
}

/** Tests are counted one by one; a skipped one is a failure, for nothing here may be left out. */
function countVitest() {
  let results
  try {
    results = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    count('vitest gave no report', false)
    return
  }
  const tests = results.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({
      name: `${file.name.slice(ROOT.length + 1)}: ${test.fullName}`,
      status: test.status,
    })),
  )
  for (const { name, status } of tests) count(name, status === 'passed')
  if (tests.length === 0) count('vitest ran no test', false)
  if (vitest !== 0 && failed === 0) count('vitest: coverage or an error outside the tests', false)
}
