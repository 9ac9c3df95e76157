/** Compiles the TypeScript of a package, with its declarations, into the folder that is published. */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, toolEnvironment } from './install.mjs'

/**
 * Compiles everything in `source` but its tests into `out`.
 * @param paths what imports are to be taken for, as `compilerOptions.paths` has it; nothing if not given.
 * @throws with all that the compiler says, if it finds anything wrong
 */
export function compile({ source, out, paths = {} }) {
  const config = `${out}.tsconfig.json`
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    target: 'es2023',
    rootDir: source,
    outDir: out,
    typeRoots: [join(ROOT, 'node_modules/@types')],
    paths,
  }
  const project = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions,
    include: [source],
    exclude: [`${source}/**/*.test.ts`],
  }
  writeFileSync(config, JSON.stringify(project))
  const compiler = join(ROOT, 'node_modules/typescript-7/bin/tsc')
  const { status, stdout } = spawnSync('node', [compiler, '-p', config], {
    cwd: ROOT,
    encoding: 'utf8',
    env: toolEnvironment(),
  })
  rmSync(config)
  if (status !== 0) throw new Error(`${source} could not be built:\n${stdout}`)
}
