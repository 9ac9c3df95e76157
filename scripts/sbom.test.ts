import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Sbom, shippedPart } from './sbom.ts'

const ROOT = join(import.meta.dirname, '..')

const component = (ref: string) => ({ 'bom-ref': ref })

describe('what is shipped', () => {
  const packages = {
    '': { name: 'workspace', version: '1.0.0' },
    'node_modules/own': { link: true },
    'packages/own': { name: 'own', version: '1.0.0' },
    'node_modules/needed': { version: '2.0.0' },
    'node_modules/needed/node_modules/@a/below': { version: '3.0.0' },
    'node_modules/tester': { version: '4.0.0', dev: true },
    'node_modules/alias': { name: 'real', version: '5.0.0', dev: true },
  }
  const everything: Sbom = {
    metadata: { component: component('workspace@1.0.0') },
    components: ['own@1.0.0', 'needed@2.0.0', '@a/below@3.0.0', 'tester@4.0.0', 'real@5.0.0'].map(
      component,
    ),
    dependencies: [
      { ref: 'workspace@1.0.0', dependsOn: ['own@1.0.0', 'tester@4.0.0'] },
      { ref: 'own@1.0.0', dependsOn: ['needed@2.0.0', 'tester@4.0.0'] },
      { ref: 'tester@4.0.0', dependsOn: ['needed@2.0.0'] },
    ],
  }
  const shipped = shippedPart(everything, { packages })

  test('is what the packages need, at any depth, and not what tests them', () => {
    const refs = shipped.components.map((found) => found['bom-ref'])
    expect(refs).toEqual(['own@1.0.0', 'needed@2.0.0', '@a/below@3.0.0'])
  })

  test('depends on nothing that is not in the document', () => {
    expect(shipped.dependencies).toEqual([
      { ref: 'keyfence', dependsOn: ['own@1.0.0'] },
      { ref: 'own@1.0.0', dependsOn: ['needed@2.0.0'] },
    ])
  })
})

test('npm run sbom names every dependency of what is shipped, and needs no network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-sbom-'))
  const file = join(folder, 'sbom.json')
  const { status, stderr } = spawnSync('node', [join(ROOT, 'scripts/sbom.ts'), file], {
    encoding: 'utf8',
    env: { ...process.env, npm_config_offline: 'true' },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const sbom = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(folder, { recursive: true })
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'keyfence' } },
  })
  const names = (sbom as Sbom).components.map((found) => found['bom-ref'].replace(/@[^@]*$/, ''))
  expect(names).toEqual(expect.arrayContaining([...shippedDependencies()]))
  expect(names).not.toContain('vitest')
  expect(names).not.toContain('playwright-core')
})

function shippedDependencies(): readonly string[] {
  return ['core', 'guard', 'server', 'console'].flatMap((name) => {
    const path = join(ROOT, 'packages', name, 'package.json')
    const manifest: { readonly dependencies?: object } = JSON.parse(readFileSync(path, 'utf8'))
    return Object.keys(manifest.dependencies ?? {})
  })
}
