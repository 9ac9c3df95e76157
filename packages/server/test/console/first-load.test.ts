/** What a browser loads before it shows the first page of the console, as it was built. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const BUILT = join(import.meta.dirname, '../../../console/dist')
const FIRST_LOAD_BYTES_MAX = 400 * 1024

const page = readFileSync(join(BUILT, 'index.html'), 'utf8')
const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')

/** Who is signed in, asked for with the first files. */
const SESSION = '/v1/session'

test('everything that the page names is a file of its own, and 400 KB compressed at most', () => {
  const files = named.filter((path) => path !== SESSION)
  expect(files.length).toBeGreaterThan(2)
  expect(files.filter((path) => !path.startsWith('/assets/'))).toEqual([])
  const sizes = files.map((path) => gzipSync(readFileSync(join(BUILT, path))).length)
  const bytes = sizes.reduce((sum, size) => sum + size, gzipSync(page).length)
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX)
})

test('on a slow line few files take their turn, and the session is asked for beside them', () => {
  // Browsers have six at a time (HTTP/1.1): page, icon, session, styles, and the scripts.
  expect(named).toContain(SESSION)
  expect(named.length).toBeLessThanOrEqual(6)
})

test('pages, and the lists of domains that entries are checked by, come when they are needed', () => {
  const later = readdirSync(join(BUILT, 'assets')).filter(
    (name) => !named.includes(`/assets/${name}`),
  )
  expect(later).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^access-page-/),
      expect.stringMatching(/^activity-page-/),
      expect.stringMatching(/^domain-entry-/),
    ]),
  )
})
