import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** The console as it was built: each file under the path that a browser asks for. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>

export interface ConsoleFile {
  readonly contentType: string
  readonly octets: Buffer<ArrayBuffer>
}

/** The page that every path of the console leads to. */
export const CONSOLE_PAGE = '/index.html'

/**
 * Reads the built console into memory: what is asked for is looked up by name, and no path of a
 * request ever reaches the file system.
 * @param folders where it may be; the first that is there has it
 * @returns none where it was not built
 */
export function readConsoleFiles(...folders: readonly string[]): ConsoleFiles {
  const folder = folders.find((place) => existsSync(place))
  if (folder === undefined) return new Map()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Map(
    names.flatMap((name) => {
      const contentType = CONTENT_TYPES[extname(name)]
      if (contentType === undefined) return []
      return [[`/${name}`, { contentType, octets: readFileSync(join(folder, name)) }]]
    }),
  )
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
