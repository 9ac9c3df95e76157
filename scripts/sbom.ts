/**
 * Writes what is shipped as a CycloneDX document: `npm run sbom [-- FILE]` (default: dist/sbom.cdx.json).
 * It is read from the lockfile alone, so that it needs no network.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** As much of a CycloneDX document as is read here. */
export interface Sbom {
  readonly metadata: { readonly component: object }
  readonly components: readonly { readonly 'bom-ref': string }[]
  readonly dependencies: readonly Dependency[]
}

interface Dependency {
  readonly ref: string
  readonly dependsOn: readonly string[]
}

/** As much of package-lock.json. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly dev?: boolean
  readonly link?: boolean
}

/**
 * Leaves in what is installed with the packages, and takes out what only builds and tests them. npm's own
 * `--omit dev` also leaves out what one package needs and another only tests with.
 */
export function shippedPart(everything: Sbom, { packages }: Lockfile): Sbom {
  const shipped = new Set(
    Object.entries(packages)
      .filter(([path, { dev, link }]) => path !== '' && dev !== true && link !== true)
      .map(([path, locked]) => `${locked.name ?? nameIn(path)}@${locked.version}`),
  )
  return {
    ...everything,
    metadata: { ...everything.metadata, component: PRODUCT },
    components: everything.components.filter((component) => shipped.has(component['bom-ref'])),
    dependencies: [
      { ref: PRODUCT['bom-ref'], dependsOn: workspacesOf(packages) },
      ...everything.dependencies
        .filter(({ ref }) => shipped.has(ref))
        .map(({ ref, dependsOn }) => ({
          ref,
          dependsOn: dependsOn.filter((on) => shipped.has(on)),
        })),
    ],
  }
}

const PRODUCT = { type: 'application', 'bom-ref': 'keyfence', name: 'keyfence' } as const

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function workspacesOf(packages: Lockfile['packages']): readonly string[] {
  return Object.entries(packages)
    .filter(([path]) => path.startsWith('packages/') && !path.includes('node_modules/'))
    .map(([, { name, version }]) => `${name}@${version}`)
}

function writeSbom(file: string): void {
  const options = ['--sbom-format', 'cyclonedx', '--package-lock-only']
  const { status, stdout, stderr } = spawnSync('npm', ['sbom', ...options], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`)
  const everything = JSON.parse(stdout) as Sbom // npm's own
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lockfile // likewise
  const sbom = shippedPart(everything, lock)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(sbom, undefined, 2)}\n`)
  console.log(`${sbom.components.length} components in ${file}`)
}

if (import.meta.main) writeSbom(process.argv[2] ?? join(ROOT, 'dist/sbom.cdx.json'))
