/**
 * Builds what is published, each package as a folder: the core and the guard for Node 20 and later,
 * Deno, Bun and Workers, and the server for Node 24. In a checkout nothing of it is needed: TypeScript
 * runs as it is.
 *
 *     node scripts/build-packages.mjs [FOLDER [NAME …]]     (default: dist/packages, all of them)
 *     npm publish dist/packages/core && npm publish dist/packages/guard && npm publish dist/packages/server
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildServer } from './build-server.mjs'
import { compile } from './compile.mjs'
import { ROOT } from './install.mjs'

const PACKAGES = ['core', 'guard', 'server']

/** Builds each into a folder of its name. @throws if anything wrong is found */
async function buildPackages(folder, names) {
  for (const name of names) {
    if (!PACKAGES.includes(name)) throw new Error(`no package ${name}: ${PACKAGES.join(', ')}`)
    const out = join(folder, name)
    if (name === 'server') {
      await buildServer(out)
      continue
    }
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out, { recursive: true })
    const source = join(ROOT, 'packages', name, 'src')
    // What the core is to its users, or its sources would be built again here.
    const paths = name === 'core' ? {} : { '@keyfence/core': [join(folder, 'core/index.d.ts')] }
    compile({ source, out, paths })
    describe(name, out)
  }
}

/** The package as its users see it: what they import is built, and tests need nothing there. */
function describe(name, out) {
  const folder = join(ROOT, 'packages', name)
  const { devDependencies: _, ...manifest } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([path, source]) => [path, built(source)]),
  )
  writeFileSync(join(out, 'package.json'), `${JSON.stringify({ ...manifest, exports }, null, 2)}\n`)
  cpSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'))
  const readme = join(folder, 'README.md')
  if (existsSync(readme)) cpSync(readme, join(out, 'README.md'))
  // A declaration that the sources bring along, and so none that the compiler writes.
  if (name === 'core') {
    const trie = 'restriction/tldts-trie.d.ts'
    cpSync(join(folder, 'src', trie), join(out, trie))
  }
}

function built(source) {
  const path = source.replace('./src/', './').replace(/\.ts$/, '')
  return { types: `${path}.d.ts`, default: `${path}.js` }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = join(ROOT, 'dist/packages'), ...names] = process.argv.slice(2)
  await buildPackages(resolve(folder), names.length === 0 ? PACKAGES : names)
}
