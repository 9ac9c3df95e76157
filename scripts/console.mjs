/** Builds the console where its sources, or the routes that its client is typed from, have changed. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, toolEnvironment } from './install.mjs'

const CONSOLE = join(ROOT, 'packages/console')
const STAMP = join(CONSOLE, 'dist/.built-from')
/** Types that are made with it, from the routes. */
const TYPES = ['packages/console/src/api/schema.d.ts', 'packages/server/src/client/schema.d.ts']
/** All that goes into it. What it was built from is written down, so that a change is never missed. */
const SOURCES = [
  'package-lock.json',
  'packages/console/index.html',
  'packages/console/vite.config.ts',
  'packages/console/src',
  'packages/console/scripts',
  'packages/core/src',
  'packages/server/src/api',
]

/** Builds the console unless exactly this one was built already. @returns false if that fails */
export function ensureConsole() {
  const sources = hashOf(SOURCES)
  const isThere = [STAMP, ...TYPES.map((path) => join(ROOT, path))].every((path) =>
    existsSync(path),
  )
  if (isThere && readFileSync(STAMP, 'utf8') === sources) return true
  console.log('Building the console …')
  const build = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: CONSOLE,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: toolEnvironment(),
  })
  if (build.status !== 0) return false
  writeFileSync(STAMP, sources)
  return true
}

function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(filesIn)) {
    hash.update(path).update(readFileSync(join(ROOT, path)))
  }
  return hash.digest('hex')
}

/** The types of the client are made by the build itself. */
function filesIn(path) {
  try {
    return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'schema.d.ts')
      .map((entry) => join(entry.parentPath.slice(ROOT.length + 1), entry.name))
      .toSorted()
  } catch {
    return [path]
  }
}
