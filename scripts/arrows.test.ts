import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** What the arrow check says of a tree with these files. */
function checkArrows(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-arrows-'))
  folders.push(folder)
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(folder, name))
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const program = join(ROOT, 'node_modules/.bin/depcruise')
  const { stdout } = spawnSync(program, ['--config', '.dependency-cruiser.mjs', 'packages'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout
}

const OTHER = { 'packages/server/src/store/kysely/tokens.ts': 'export const rows = 1\n' }

describe('the arrow check finds a planted violation', () => {
  test.each([
    {
      plant: {
        'packages/core/src/a.ts': "import { readFileSync } from 'node:fs'\nreadFileSync('a')\n",
      },
      rule: 'core-does-no-io',
    },
    {
      plant: {
        'packages/core/src/a.ts': "import { b } from '../../server/src/b.ts'\nb()\n",
        'packages/server/src/b.ts': 'export function b(): void {}\n',
      },
      rule: 'core-imports-what-it-may',
    },
    {
      plant: {
        'packages/guard/src/a.ts': "import { b } from '../../server/src/b.ts'\nb()\n",
        'packages/server/src/b.ts': 'export function b(): void {}\n',
      },
      rule: 'guard-imports-what-it-may',
    },
    {
      plant: {
        'packages/guard/src/a.ts': "import { readFileSync } from 'node:fs'\nreadFileSync('a')\n",
      },
      rule: 'guard-needs-no-platform',
    },
    {
      plant: { 'packages/guard/src/a.ts': "import { Hono } from 'hono'\nnew Hono()\n" },
      rule: 'guard-stands-on-core-alone',
    },
    {
      plant: { 'packages/core/src/a.ts': "import { z } from 'zod'\nz.string()\n" },
      rule: 'core-stands-on-two-packages',
    },
    {
      plant: {
        'packages/server/src/api/a.ts': "import { rows } from '../store/kysely/tokens.ts'\nrows\n",
        ...OTHER,
      },
      rule: 'store-is-an-adapter',
    },
    {
      plant: {
        'packages/server/src/token/a.ts':
          "import { rows } from '../store/kysely/tokens.ts'\nrows\n",
        ...OTHER,
      },
      rule: 'concepts-know-no-adapter',
    },
    {
      plant: {
        'packages/core/src/a.ts': "import type { B } from './b.ts'\nexport type A = B\n",
        'packages/core/src/b.ts': "import type { A } from './a.ts'\nexport type B = A\n",
      },
      rule: 'no-cycle',
    },
    {
      plant: {
        'packages/core/differential/reference/a.ts': "import { b } from '../../src/b.ts'\nb()\n",
        'packages/core/src/b.ts': 'export function b(): void {}\n',
      },
      rule: 'the-reference-is-apart',
    },
  ])('$rule', ({ plant, rule }) => {
    expect(checkArrows(plant)).toContain(`error ${rule}`)
  })

  test('a tree without one passes, so the check does not cry wolf', () => {
    expect(checkArrows(OTHER)).toContain('no dependency violations found')
  })
})
