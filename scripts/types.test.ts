import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

test.each([
  { project: '.', file: 'packages/server/src/main.ts', because: 'the server' },
  { project: '.', file: 'benchmarks/run.ts', because: 'what is run by hand, too' },
  { project: '.', file: 'packages/guard/src/index.ts', because: 'the guard' },
  { project: 'packages/core', file: 'packages/core/src/index.ts', because: 'the core' },
  { project: 'packages/console', file: 'packages/console/src/main.tsx', because: 'the console' },
])('types are checked of $file: a project that lists nothing is always clean', (row) => {
  const files = execFileSync(
    process.execPath,
    ['node_modules/typescript-7/bin/tsc', '-p', row.project, '--listFilesOnly'],
    { cwd: ROOT, encoding: 'utf8' },
  )
  expect(files.split('\n')).toContain(join(ROOT, row.file))
})
