import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSettingsFile } from './read-settings-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyfence-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([0o600, 0o644])('a file comes with its permissions: %o', (mode) => {
  const path = join(folder, `${mode}.json`)
  writeFileSync(path, '{"maxIps":3}')
  chmodSync(path, mode)
  const read = readSettingsFile(path)
  expect(read).toMatchObject({ ok: true, value: { text: '{"maxIps":3}' } })
  expect(read.ok && read.value.mode & 0o777).toBe(mode)
})

test.each<{ path: string; gives: string; because: string }>([
  { path: join(folder, 'none.json'), gives: 'ENOENT', because: 'there is no such file' },
  { path: folder, gives: 'EISDIR', because: 'a folder is no file' },
])('$gives: $because', ({ path, gives }) => {
  const read = readSettingsFile(path)
  expect(read.ok ? '' : read.problem).toContain(gives)
})
