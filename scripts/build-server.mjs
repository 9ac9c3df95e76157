/**
 * Builds what is published as `keyfence`: the daemon and its command line in a few files, with all that
 * they stand on, the console, and the client of the management API.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'
import { compile } from './compile.mjs'
import { ensureConsole } from './console.mjs'
import { ROOT } from './install.mjs'

const SERVER = join(ROOT, 'packages/server')
const SOURCES = join(SERVER, 'src')
/** From here, package.json and the console are where the sources look for them. */
const PROGRAM = 'dist/node'
/** `pg` would take it if it were there. */
const LEFT_OUT = ['pg-native']

/**
 * Builds into `FOLDER`, and what was there is removed. In one piece a program starts in half the CPU
 * time that its thousand modules take, and what runs is exactly what was tested; so a fix in a
 * dependency reaches users by a release of ours, and THIRD-PARTY.txt says what is inside.
 * @throws if any part cannot be built
 */
export async function buildServer(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  if (!ensureConsole()) throw new Error('the console could not be built')
  const packages = await bundle(join(folder, PROGRAM))
  writeFileSync(
    join(folder, 'THIRD-PARTY.txt'),
    packages.map(notice).join(`\n\n${'-'.repeat(72)}\n\n`),
  )
  cpSync(join(SERVER, 'bin'), join(folder, 'bin'), { recursive: true })
  cpSync(join(ROOT, 'packages/console/dist'), join(folder, 'console'), { recursive: true })
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  cpSync(join(ROOT, 'README.md'), join(folder, 'README.md'))
  buildClient(folder)
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
}

/** The program, and each module that runs in a thread of its own, beside it. */
async function bundle(folder) {
  const threads = readdirSync(SOURCES, { recursive: true })
    .filter((path) => path.endsWith('-thread.ts') && !NO_THREADS.has(basename(path)))
    .map((path) => join(SOURCES, path))
  const build = await rolldown({
    input: [join(SOURCES, 'main.ts'), ...threads],
    platform: 'node',
    external: LEFT_OUT,
    checks: { eval: false },
  })
  const { output } = await build.write({ dir: folder, format: 'esm', minify: false })
  await build.close()
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  return [...new Set(modules.flatMap(packageOf))].toSorted()
}

/** Named like one, but this starts threads, and that is of a test. */
const NO_THREADS = new Set(['start-thread.ts', 'reading-thread.ts'])

/** The folder of the installed package that a module is of. */
function packageOf(module) {
  const found = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)
  return found === null ? [] : [found[1]]
}

/** What the licence of a package asks to be kept. */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
  const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
  return `${name} ${version}, ${license}${text}`
}

function buildClient(folder) {
  const out = join(folder, 'client')
  const source = join(SOURCES, 'client')
  compile({ source, out })
  // A declaration that the sources bring along, and so none that the compiler writes.
  cpSync(join(source, 'schema.d.ts'), join(out, 'schema.d.ts'))
}

/** The package as its users see it: the client alone stands on another package. */
function manifest() {
  const {
    devDependencies: _,
    dependencies,
    ...kept
  } = JSON.parse(readFileSync(join(SERVER, 'package.json'), 'utf8'))
  return {
    ...kept,
    exports: {
      './client': { types: './client/index.d.ts', default: './client/index.js' },
      './package.json': './package.json',
    },
    dependencies: { 'openapi-fetch': dependencies['openapi-fetch'] },
  }
}
