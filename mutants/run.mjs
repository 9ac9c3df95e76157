/**
 * `npm run mutants -- [PATH…]`: changes the code of the core and of the fence, one small change at a
 * time, and looks whether a test notices. PATH is a file or folder, from the root of the repository;
 * then its own tests alone are asked. Without one it is all of both, which takes hours.
 * What was tried already is not tried again until its code or tests change, so a run that was cut
 * short goes on where it was. Exit code 1: fewer than 95 of 100 were noticed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, toolEnvironment } from '../scripts/install.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))

const asked = process.argv.slice(2)
const tests = asked.map((path) => (isFolder(path) ? `${path}/**/*.test.ts` : testsOf(path)))
const mutate =
  asked.length === 0 ? [] : ['--mutate', [...asked.map(filesOf), '!**/*.test.ts'].join()]
// Apart from the other packages: 177 of them, for who changes the rules and nobody else.
if (!existsSync(join(HERE, 'node_modules'))) run('npm', ['ci', '--prefix', HERE])
process.exitCode = run('node', [
  join(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js'),
  'run',
  'mutants/stryker.config.json',
  ...mutate,
])

function filesOf(path) {
  return isFolder(path) ? `${path}/**/*.ts` : path
}

/** Those beside it; of its concept, if it has none. */
function testsOf(path) {
  const beside = path.replace(/[.]ts$/, '.test.ts')
  return existsSync(join(ROOT, beside)) ? beside : `${dirname(path)}/**/*.test.ts`
}

function isFolder(path) {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() ?? false
}

function run(program, parameters) {
  const env = { ...toolEnvironment(), MUTANTS_TESTS: tests.join() }
  return spawnSync(program, parameters, { cwd: ROOT, stdio: 'inherit', env }).status
}
