#!/usr/bin/env node
// Plain and old-fashioned on purpose: this file runs on whatever Node there is, to find a newer one.
import { spawn } from 'child_process'
import { existsSync, readFileSync } from 'fs'
import module, { createRequire } from 'module'
import { dirname, join } from 'path'
import { fileURLToPath } from 'url'

const NODE_MAJOR_MIN = 24
const WRONG_USE = 2

if (majorOf(process.versions.node) >= NODE_MAJOR_MIN) runHere()
else runOnNewerNode()

function runHere() {
  silenceSqliteWarning()
  // Kept compiled, a start takes half the CPU time. Beside the code and not in a shared temporary
  // folder: whoever can write there can change the code itself.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/', import.meta.url)))
  const source = new URL('../src/main.ts', import.meta.url)
  const built = new URL('../dist/node/main.js', import.meta.url)
  const main = existsSync(fileURLToPath(source)) ? source : built
  // Never 1, which says "denied".
  import(main.href).catch((error) => fail(error.stack || String(error)))
}

/** node:sqlite is a release candidate and says so at each start; every other warning is shown. */
function silenceSqliteWarning() {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = function (warning, ...rest) {
    const type = typeof rest[0] === 'object' && rest[0] !== null ? rest[0].type : rest[0]
    if (type === 'ExperimentalWarning' && String(warning).startsWith('SQLite ')) return
    emitWarning(warning, ...rest)
  }
}

function runOnNewerNode() {
  const node = newerNode()
  if (node === undefined) {
    fail(`keyfence needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}.`)
    return
  }
  const script = fileURLToPath(import.meta.url)
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => {
      // Ctrl-C reaches the child as well, and a second one would mean "at once" to a server.
      if (signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY)) return
      child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`keyfence cannot start ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** The binary of the `node` package that the workspace, or whoever depends on us, has installed. */
function newerNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    const version = JSON.parse(readFileSync(manifest, 'utf8')).version
    const binary = join(
      dirname(manifest),
      'bin',
      process.platform === 'win32' ? 'node.exe' : 'node',
    )
    return majorOf(version) >= NODE_MAJOR_MIN && existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

function majorOf(version) {
  return Number(version.split('.')[0])
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = WRONG_USE
}
