import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nightlyJobs } from './nightly-jobs.ts'
import { summaryText } from './nightly-summary.ts'

const ROOT = join(import.meta.dirname, '..')

const commandOf = (name: string, world: Parameters<typeof nightlyJobs>[0]) =>
  nightlyJobs(world)
    .find((job) => job.name === name)
    ?.run?.command.join(' ')

describe('the jobs of the night', () => {
  test.each([
    { name: 'simulation', script: 'simulate', quick: '--seeds 20', long: '--seeds 10000' },
    { name: 'fuzz', script: 'fuzz', quick: '--seconds 1', long: '--seconds 1800' },
    { name: 'faults', script: 'faults', quick: '-- --check', long: '-- --check --full' },
    { name: 'differential', script: '', quick: '--cases 2000', long: '--cases 100000000 --state' },
  ])('$name is short with --quick alone', ({ name, script, quick, long }) => {
    const scripts = [script]
    expect(commandOf(name, { scripts, isQuick: true })).toContain(quick)
    expect(commandOf(name, { scripts, isQuick: false })).toContain(long)
  })

  test.each(['simulation', 'fuzz', 'mutants'])('%s is not run where there is no script', (name) => {
    expect(commandOf(name, { scripts: [], isQuick: false })).toBeUndefined()
  })

  test('what failed is not hidden behind what passed', () => {
    const text = summaryText([
      { name: 'kills', outcome: 'failed', seconds: 3700 },
      { name: 'fuzz', outcome: 'not here', seconds: 0 },
      { name: 'differential', outcome: 'passed', seconds: 59 },
    ])
    expect(text).toBe(
      [
        'kills         failed    1 h 1 min',
        'fuzz          not here  0 s',
        'differential  passed    59 s',
        '',
        '1 passed, 1 failed, 1 not here, in 1 h 2 min',
      ].join('\n'),
    )
  })
})

describe('npm run nightly', () => {
  const run = (...args: readonly string[]) =>
    spawnSync('node', [join(ROOT, 'scripts/nightly.ts'), ...args], { encoding: 'utf8' })

  test('runs a job for real, and says how it ended', () => {
    const { status, stdout } = run('--only', 'differential', '--quick')
    expect(stdout).toMatch(/\b20\d\d cases, 0 differences/)
    expect(stdout).toMatch(/differential {2}passed/)
    expect(status).toBe(0)
  })

  test('--list runs nothing', () => {
    const { status, stdout } = run('--list')
    expect(status).toBe(0)
    expect(stdout).toContain('requests that the specification decides otherwise')
    expect(stdout).not.toContain('passed')
  })

  test.each([['--only', 'nothing'], ['--fast'], ['differential']])(
    '%s %s is wrong use',
    (...args) => {
      const { status, stderr } = run(...args)
      expect(status).toBe(2)
      expect(stderr).toContain('usage:')
    },
  )
})
