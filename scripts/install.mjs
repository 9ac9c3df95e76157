/** Brings what the lockfile names, if it is not there yet. Plain JavaScript for Node 20 and later. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const BIN = join(ROOT, 'node_modules', '.bin')
const STAMP = join(ROOT, 'node_modules', '.installed-from')

/** Installs from the lockfile unless exactly that was installed already. Exits with npm's code if it fails. */
export function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock && existsSync(join(BIN, 'node')))
    return
  console.log('Installing dependencies (once) …')
  // Without node_modules/.bin: npm would run on the very Node that it is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== BIN)
    .join(delimiter)
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  })
  if (npm.error !== undefined) console.error(`npm could not be run: ${npm.error.message}`)
  if (npm.status !== 0) process.exit(npm.status ?? 1)
  writeFileSync(STAMP, lock)
}

/** The environment in which the installed tools, and the Node that they need, come first. */
export function toolEnvironment() {
  return { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` }
}
